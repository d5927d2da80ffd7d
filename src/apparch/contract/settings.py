"""The settings that take effect in an environment: what Deploy supplies, else the app's default."""

from __future__ import annotations

from dataclasses import dataclass

from apparch.contract.app_side import AppSide
from apparch.contract.deploy_side import Overlay
from apparch.contract.model import Side, app, deploy
from apparch.contract.supply import supplies
from apparch.repository import Repository


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

    def __init__(self, side: AppSide, overlay: Overlay, repository: Repository) -> None:
        self._side = side
        self._given = supplies(repository, overlay, overlay.container).effective if overlay.container else {}

    def of(self, name: str) -> Setting:
        """The value of a variable; None where neither side gives one, or only a Secret does."""
        variable = self._side.variable(name)
        supply = self._given.get(name)
        default = variable.default if variable else None
        published = app(self._side.variable_place(name), f"{name}={default or ''}")
        if variable is not None and supply is not None and supply.value is not None and "${" not in supply.value:
            return Setting(supply.value, (published, deploy(supply.place, f"{name}={supply.value}")))
        return Setting(default, (published,))
