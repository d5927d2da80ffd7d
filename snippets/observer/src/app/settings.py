"""The settings: every variable that this app reads, and what it may be."""

from __future__ import annotations

from pydantic import Field

from app.standard import StandardSettings
from app.values import Host, Key, Port, Secret, Text, Timeout, WebAddress


# --8<-- [start:settings]
class Settings(StandardSettings):
    """Every variable of the service: no default means required, `SecretStr` means secret (App document 5.2)."""

    db_host: Host = Field(description="PostgreSQL host")
    db_port: Port = Field(5432, description="PostgreSQL port")
    db_name: Text = Field(description="PostgreSQL database")
    db_user: Text = Field(description="PostgreSQL user")
    db_password: Secret = Field(description="PostgreSQL password")
    api_endpoint: WebAddress = Field(description="Base URL of the source of market data")
    api_key: Key = Field(description="Key that opens the source's streams")
    stream: Text = Field("trades", description="Stream of the source that is collected")
    lease_seconds: Timeout = Field(
        5, description="Silence after which another process may write; longer than the source's heartbeat"
    )


# --8<-- [end:settings]
