"""Settings."""

from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    """All of them."""

    service_port: int = 8080
    request_seconds: float = 10
