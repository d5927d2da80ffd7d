"""The seconds that a stop may take, and whether they fit into the pod's grace period."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.values import Seconds

MARGIN_SECONDS = 5
"""What the shutdown budget leaves free, for the kubelet and for a slow machine."""


# --8<-- [start:budget]
class Budget(BaseModel):
    """The seconds that a stop may take (App document 6.2)."""

    model_config = ConfigDict(frozen=True, alias_generator=str.upper, populate_by_name=True, hide_input_in_errors=True)

    prestop_seconds: Seconds = Field(5, description="Length of the preStop sleep, which runs before SIGTERM")
    drain_seconds: Seconds = Field(5, description="Time to keep serving after SIGTERM; longer than endpoint removal")
    request_seconds: Seconds = Field(10, gt=0, description="Deadline of one request")
    cleanup_seconds: Seconds = Field(5, description="Time to close connections in")
    grace_seconds: Seconds = Field(60, description="terminationGracePeriodSeconds of the pod")

    @property
    def needed_seconds(self) -> float:
        """What a stop takes at most, the margin included."""
        steps = self.prestop_seconds + self.drain_seconds + self.request_seconds + self.cleanup_seconds
        return steps + MARGIN_SECONDS

    @property
    def linger_seconds(self) -> float:
        """How long an idle connection outlives the drain: as long as that again, where the grace period has room."""
        return min(self.drain_seconds, self.grace_seconds - self.needed_seconds)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.needed_seconds > self.grace_seconds:
            raise ValueError(
                f"PRESTOP + DRAIN + REQUEST + CLEANUP + {MARGIN_SECONDS} = {self.needed_seconds:g} seconds"
                f" exceed GRACE_SECONDS = {self.grace_seconds:g}"
            )
        return self


# --8<-- [end:budget]
