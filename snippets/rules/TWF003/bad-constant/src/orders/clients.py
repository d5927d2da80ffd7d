"""What the app talks to."""

from sqlalchemy import create_engine

DATABASE = "postgresql://localhost:5432/orders"
ENGINE = create_engine(DATABASE)
