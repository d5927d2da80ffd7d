"""The settings: what is this app's own may be anything."""

from pydantic import Field

from app.standard import StandardSettings
from app.values import Text


class Settings(StandardSettings):
    """Another app's variables, in place of the reference app's."""

    feed: Text = Field(description="Name of the feed that is collected")
