"""Where orders are kept."""

import sqlite3


def save(order: str) -> None:
    with sqlite3.connect("orders.db") as connection:
        connection.execute("INSERT INTO orders (id) VALUES (?)", (order,))
