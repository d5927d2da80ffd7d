"""An App repo, or the part of a repository that is one, as the judges of App rules read it."""

from __future__ import annotations

import re
from collections import Counter
from fnmatch import fnmatchcase
from functools import cached_property

from apparch.app.dockerfiles import is_dockerfile, is_for_tests, makes_app, of_showcases
from apparch.app.languages import LANGUAGES, OTHER_SOURCES, Language
from apparch.repository import Place, Repository
from apparch.repository.part import RepositoryPart
from apparch.repository.path_names import ending, name
from apparch.repository.roles import is_product

_FEW = 3
"""A language whose files are fewer than one in so many of those of another's is not what a product is written in."""


def as_text(data: bytes) -> str:
    """A file's text, what is no UTF-8 replaced; empty for a binary one."""
    return "" if b"\0" in data[:8000] else data.decode("utf-8", "replace").removeprefix("\ufeff")


class AppRepo(RepositoryPart):
    """The files below `directory` are the app; workflows and ignore files lie at the repository's root."""

    def __init__(
        self, root: Repository, directory: str = "", without: tuple[str, ...] = (), deployment: tuple[str, ...] = ()
    ) -> None:
        super().__init__(root, directory, without)
        self.deployment = deployment
        """Folders and files in it that are judged as a deployment, and that an App repo should not hold."""

    @cached_property
    def beside(self) -> tuple[str, ...]:
        """The files of the deployment in it that are no tests, examples, documents or copies of others."""
        cut, folders = len(self.repository.prefix), tuple(f"{each}/" for each in self.deployment)
        paths = (f"{self.repository.prefix}{path}" for path in self.repository.files) if folders else ()
        held = (path for path in paths if path.startswith(folders) or path in self.deployment)
        return tuple(path for path in held if is_product(path[cut:]))

    @property
    def at_root(self) -> tuple[str, ...]:
        """The files that lie at the repository's root, where the app has a folder of its own: they are for all apps."""
        return tuple(path for path in self.root.files if "/" not in path) if self.directory else ()

    @cached_property
    def product(self) -> tuple[str, ...]:
        """Those of its files that become part of what runs: no tests, examples, documents, copies of others."""
        cut = len(self.repository.prefix)
        return tuple(path for path in self.files if is_product(path[cut:]))

    @cached_property
    def languages(self) -> frozenset[str]:
        """The languages of the product: those whose manifest is there, else those that most of its source is in."""
        names = {name(path) for path in self.product}
        present = [each for each in LANGUAGES if self._sources[each.name]]
        if _any(names):
            cut = len(self.repository.prefix)
            top = {path[cut:] for path in self.product if "/" not in path[cut:]}
            declared = (each for each in present if _has(each, names))
            few = self._sources[""]
            return frozenset(
                each.name for each in declared if _has(each, top) or self._sources[each.name] * _FEW >= few
            )
        most = max(self._sources.values())
        return frozenset(each.name for each in present if self._sources[each.name] * _FEW >= most)

    def is_aside(self, language: str) -> bool:
        """Whether a language is one that few files of the product are in, and that declares nothing."""
        most = max(self._sources[each] for each in ("", *self.languages))
        return language not in self.languages and self._sources[language] * _FEW < most

    @cached_property
    def _sources(self) -> dict[str, int]:
        """How many files of the product are in each language, and in those of which no more is known."""
        endings = Counter(ending(path) for path in self.product)
        found = {each.name: sum(endings[written] for written in each.endings) for each in LANGUAGES}
        return {**found, "": sum(endings[written] for written in OTHER_SOURCES)}

    @cached_property
    def dockerfiles(self) -> tuple[str, ...]:
        """The Dockerfiles that images are built from; those of tests and of containers to work in are not."""
        cut = len(self.repository.prefix)
        named = (path for path in self.product if is_dockerfile(path[cut:]) and not is_for_tests(path))
        found = [path for path in named if makes_app(self.root, path)]
        shown = of_showcases(self.root, found)
        return tuple(path for path in found if path not in shown)

    @cached_property
    def workflows(self) -> tuple[str, ...]:
        """The workflows of GitHub, which lie at the repository's root."""
        files = self.root.files
        return tuple(path for path in files if re.fullmatch(r"[.]github/workflows/[^/]+[.]ya?ml", path))

    def glance(self, path: str) -> str:
        """A file's text; empty where there is none to be had, which is no fault of a file that only might matter."""
        content = self.root.content(path)
        return as_text(content) if isinstance(content, bytes) else ""

    def has(self, path: str) -> bool:
        """Whether the app has a file, relative to its own directory."""
        return self.repository.has(path)

    def absent(self, path: str) -> Place:
        """Where something would be that is not there, relative to the app's own directory."""
        return Place(f"{self.repository.prefix}{path}")

    @property
    def home(self) -> Place:
        """A place that exists, for what is nowhere."""
        return self.repository.somewhere("README.md", "pyproject.toml", "package.json", "go.mod", "docker/Dockerfile")


def _has(language: Language, names: set[str]) -> bool:
    return any(fnmatchcase(name, pattern) for name in names for pattern in language.manifests)


def _any(names: set[str]) -> bool:
    return any(_has(each, names) for each in LANGUAGES)
