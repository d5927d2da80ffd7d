"""Where orders are kept."""

from sqlalchemy import create_engine

ENGINE = create_engine("sqlite:///orders.db")
