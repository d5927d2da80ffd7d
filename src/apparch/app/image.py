"""The image that an App repo publishes: its name and its user."""

from __future__ import annotations

import re
from dataclasses import dataclass

from apparch.repository import Place
from apparch.repository.dockerfile import Instruction


@dataclass(frozen=True)
class Image:
    """The image that the App publishes: its whole name where a workflow writes it out, else only the app's name."""

    name: str
    place: Place

    @property
    def short(self) -> str:
        """The last part of the name."""
        return self.name.rpartition("/")[2]

    def fits(self, name: str) -> bool:
        """Whether a manifest's image name is this one."""
        if "/" in self.name:
            return name == self.name
        return re.fullmatch(rf"ghcr\.io/[\w.-]+/{re.escape(self.name)}", name) is not None

    def __str__(self) -> str:
        return self.name if "/" in self.name else f"ghcr.io/{{organization}}/{self.name}"


ROOT_IMAGES = (
    "alpine",
    "amazoncorretto",
    "busybox",
    "debian",
    "eclipse-temurin",
    "golang",
    "httpd",
    "mcr.microsoft.com/dotnet/aspnet",
    "nginx",
    "node",
    "openjdk",
    "php",
    "python",
    "ruby",
    "rust",
    "scratch",
    "ubuntu",
)
"""Base images that are known to set no user, so that root it is."""


@dataclass(frozen=True)
class User:
    """The user of the image: a number or a name, and where it is set."""

    name: str
    place: Place


def user_of(stages: list[Instruction]) -> User | None:
    """The user that an image's stages leave set; None where they do not tell it."""
    set_by = [each for each in stages if each.name == "USER"]
    if set_by:
        name = set_by[-1].argument.partition(":")[0].strip()
        return None if "$" in name or not name else User(name, set_by[-1].place)
    begins = [each for each in stages if each.name == "FROM"]
    image = begins[0].rest.split()[0] if begins and begins[0].rest.strip() else ""
    official = image.removeprefix("docker.io/").removeprefix("library/")
    if re.match(rf"({'|'.join(ROOT_IMAGES)})(?=[:@]|$)", official):
        return User("root", begins[0].place)
    return None
