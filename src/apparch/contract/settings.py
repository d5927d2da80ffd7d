"""The settings that take effect in an environment: what Deploy supplies, else the app's default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from apparch.app.side import AppSide
from apparch.contract.model import Side, app, deploy
from apparch.deploy.supply import Supply


@dataclass(frozen=True)
class Setting:
    """A variable's value, and every place that decides it."""

    text: str | None
    sides: tuple[Side, ...]

    @property
    def seconds(self) -> float | None:
        """The value as a number, or None."""
        try:
            return float(self.text or "")
        except ValueError:
            return None


class Settings:
    """What the app's container sees in one environment."""

    def __init__(self, side: AppSide, given: Mapping[str, Supply]) -> None:
        self._side = side
        self._given = given

    def of(self, name: str) -> Setting:
        """The value of a variable; None where neither side gives one, or only a Secret does."""
        variable = self._side.variable(name)
        supply = self._given.get(name)
        default = variable.default if variable else None
        published = app(self._side.variable_place(name), f"{name}={default or ''}")
        if variable is not None and supply is not None and supply.value is not None and "${" not in supply.value:
            return Setting(supply.value, (published, deploy(supply.place, f"{name}={supply.value}")))
        return Setting(default, (published,))
