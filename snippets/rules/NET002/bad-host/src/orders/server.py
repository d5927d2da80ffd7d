"""The HTTP server."""

import asyncpg

pool = asyncpg.create_pool(host="orders-db", user="orders")


def serve(port: int) -> None:
    """Answer requests until the process is told to end."""
