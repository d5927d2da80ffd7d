"""What the repositories have that prose can name: files, variables, metrics, routes, fields, words of their code."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

from apparch.pages.errors import PageError
from apparch.pages.proved.judges.tree import TEMPLATE
from apparch.repository import Repository

REPOSITORIES = ("snippets/app", "snippets/deploy", "snippets/observer")
APPS = ("snippets/app", "snippets/observer")
SOURCES = tuple(f"{app}/src/" for app in APPS)
# Markdown is what is judged, and tests name what must not be; the words of both would prove anything.
NOT_CODE = re.compile(r"\.(?:md|txt|mmd|svg|png|lock)$|(?:^|/)tests/|^(?:docs|tests|build|site)/|survivors\.yaml$")
# What judges look for in other repositories makes no name exist in these.
OWN_CODE = re.compile(
    r"^(?:src/apparch/(?!catalogue/(?:rules|recorded)|app/|checks/|deploy/|kinds|owner)|benchmarks/|dev$|pyproject\.toml$|mkdocs\.yml$|\.github/|requirements/)"
)
REGISTERED = {"Counter", "Gauge", "Histogram", "Summary"}
METHODS = {"get", "post", "put", "delete", "patch", "api_route"}
WORD = re.compile(r"[A-Za-z0-9_$][A-Za-z0-9_.$-]*[A-Za-z0-9_]|[A-Za-z0-9_]")
OWN_SCHEMAS = Path(__file__).parents[2] / "proved/judges/schemas"


@dataclass(frozen=True)
class Product:
    """The reference repositories, read from the project's root."""

    root: Path

    @cached_property
    def files(self) -> tuple[str, ...]:
        """Every file, from the project's root, without what a build leaves behind and the examples of rules: a
        tree that shows what no repository may hold makes no name exist."""
        skipped = re.compile(
            r"^\.git$|^(?:build|site|dist|\.cache|\.venv|snippets/rules)/|(?:^|/)\.(?:hypothesis|\w+_cache)/|\.egg-info/|\.pyc$"
        )
        return tuple(path for path in Repository(self.root).files if not skipped.search(path))

    @cached_property
    def paths(self) -> frozenset[str]:
        """Every file and folder, from the project's root and from each reference repository's own."""
        found: set[str] = set()
        for path in self.files:
            for base in ("", *(f"{repository}/" for repository in REPOSITORIES)):
                if path.startswith(base):
                    parts = path.removeprefix(base).split("/")
                    found.update("/".join(parts[: n + 1]) for n in range(len(parts)))
        return frozenset(found)

    @cached_property
    def ends(self) -> frozenset[str]:
        """The ends of those paths, at the border of a folder."""
        return frozenset(
            "/".join(parts[n:]) for path in self.paths for parts in [path.split("/")] for n in range(len(parts))
        )

    @cached_property
    def code(self) -> str:
        """Everything that is executed, applied or read by a tool in the reference repositories and this one."""
        return "\n".join(self._code())

    def _code(self) -> Iterator[str]:
        for path in self.files:
            inside = path.startswith("snippets/") and not path.startswith(("snippets/trees", "snippets/diagrams"))
            if NOT_CODE.search(path) or not (inside or OWN_CODE.search(path)):
                continue
            try:
                yield (self.root / path).read_text("utf-8")
            except UnicodeDecodeError:
                continue

    @cached_property
    def words(self) -> frozenset[str]:
        """Every word of that code, and the parts of a dotted or dashed one."""
        found: set[str] = set()
        rules = (self.root / path for path in self.files if path.startswith("src/apparch/catalogue/rules/"))
        found.update(rule for file in rules for rule in re.findall(r"- id: (\w+)", file.read_text("utf-8")))
        for word in WORD.findall(self.code):
            found.add(word)
            found.update(re.split(r"[.-]", word))
        return frozenset(found)

    @cached_property
    def fields(self) -> frozenset[str]:
        """The names of fields and kinds of Kubernetes, from its own schemas and those of the custom resources used."""
        # The site is built and texts are confirmed without the package that brings the schemas.
        package = find_spec("kubernetes_validate")
        if package is None or package.origin is None:
            raise PageError("kubernetes-validate is not installed; run ./dev test, which installs it")
        schemas = Path(package.origin).parent / "kubernetes-json-schema"
        newest = max(schemas.glob("v*-local"), key=lambda path: [int(n) for n in re.findall(r"\d+", path.name)])
        files = [newest / "_definitions.json", *OWN_SCHEMAS.glob("*.json")]
        return frozenset(
            name for file in files for name in re.findall(r'"([A-Za-z][A-Za-z0-9]+)"', file.read_text("utf-8"))
        )

    @cached_property
    def variables(self) -> dict[str, dict[str, object]]:
        """What the Apps' schemas say of each of their variables; of one that both have, the first App's."""
        files = [self.root / app / "config/settings.schema.json" for app in APPS]
        schemas = [json.loads(file.read_text("utf-8")) for file in reversed(files) if file.is_file()]
        return {name: said for schema in schemas for name, said in schema["properties"].items()}

    @cached_property
    def routes(self) -> frozenset[str]:
        """The paths that the apps answer, from the decorators of their handlers."""
        found: set[str] = set()
        for file in self.files:
            if file.startswith(SOURCES) and file.endswith(".py"):
                found |= _routes(ast.parse((self.root / file).read_text("utf-8")))
        return frozenset(found)

    @cached_property
    def ignored(self) -> frozenset[str]:
        """What the ignore files list, as they write it: names that a checkout may have and the repository must not."""
        files = [path for path in self.files if path.rpartition("/")[2] in {".gitignore", ".dockerignore"}]
        lines = (line.strip() for path in files for line in (self.root / path).read_text("utf-8").split("\n"))
        return frozenset(line.strip("/") for line in lines if line and not line.startswith("#"))

    @cached_property
    def metrics(self) -> dict[str, tuple[str, ...]]:
        """The metrics that the apps register, with their labels."""
        found: dict[str, tuple[str, ...]] = {}
        for file in self.files:
            if file.startswith(SOURCES) and file.endswith(".py"):
                found |= _registered(ast.parse((self.root / file).read_text("utf-8")))
        return found

    @cached_property
    def immutable_tag(self) -> re.Pattern[str]:
        """The form of a tag that may be deployed, as the deploy scripts judge it."""
        text = (self.root / "snippets/deploy/_shared/scripts/lib.sh").read_text("utf-8")
        number, form = (
            re.search(rf"^{name}=['\"](.*)['\"]$", text, re.MULTILINE) for name in ("NUMBER", "IMMUTABLE_TAG")
        )
        assert number, "lib.sh states the form of a number"
        assert form, "lib.sh states the form of a tag"
        pattern = form.group(1).replace("$NUMBER", number.group(1)).replace("\\\\", "\\").replace("\\$", "$")
        return re.compile(pattern)

    def has_path(self, path: str) -> bool:
        """Whether a path exists as written: in this project, in a reference repository, or as the end of one there.

        `{app}` stands for the package, `{a,b}` for each, FAMILY for that of some rules, `*` and another word in
        capitals or brackets for any one name; a path of the template is looked up in the repository that its part
        becomes.
        """
        return all(self._has(each) for each in _spread(path))

    def _has(self, path: str) -> bool:
        path = path.removeprefix("./").rstrip("/")
        path = re.sub(r"^app/prj_\*", "app/prj_01", path)
        part = next((part for part in TEMPLATE if path == part or path.startswith(f"{part}/")), None)
        if part and path not in self.paths:
            path = TEMPLATE[part] + path.removeprefix(part)
        elif path in ("infra", "app", "tests/k8s"):
            return True
        path = path.replace("{app}", "app").replace("{app-name}", "app").removesuffix("/...")
        if re.search(r"[*{}<>]|(?:^|/)[A-Z]+(?=/|$|\.)", path) and path not in self.ends:
            escaped = re.sub(r"(?<![A-Za-z])FAMILY(?![A-Za-z])", "\0", re.escape(path))
            escaped = re.sub(
                r"\\\*|\\\{[^/]*\\\}|\\?<[^/]*\\?>|(?<![A-Za-z])[A-Z]+(?![A-Za-z])", "[^/]+", escaped
            ).replace("\0", "[A-Z]{3}")
            return any(re.fullmatch(escaped, known) for known in self.ends)
        return path in self.ends


def _registered(module: ast.Module) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for call in ast.walk(module):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in REGISTERED:
            lists = [argument for argument in call.args if isinstance(argument, ast.List)]
            labels = [str(each.value) for each in lists[0].elts if isinstance(each, ast.Constant)] if lists else []
            if call.args and isinstance(call.args[0], ast.Constant):
                found[str(call.args[0].value)] = tuple(labels)
    return found


def _routes(module: ast.Module) -> set[str]:
    calls = [node for node in ast.walk(module) if isinstance(node, ast.Call)]
    prefixes = [
        word.value.value
        for call in calls
        if isinstance(call.func, ast.Name) and call.func.id == "APIRouter"
        for word in call.keywords
        if word.arg == "prefix" and isinstance(word.value, ast.Constant)
    ]
    prefix = str(prefixes[0]) if prefixes else ""
    return {
        prefix + str(call.args[0].value)
        for call in calls
        if isinstance(call.func, ast.Attribute) and call.func.attr in METHODS and call.args
        if isinstance(call.args[0], ast.Constant) and str(call.args[0].value).startswith("/")
    }


def _spread(path: str) -> list[str]:
    match = re.search(r"\{([^{}]*,[^{}]*)\}", path)
    if not match:
        return [path]
    return [
        each
        for part in match.group(1).split(",")
        for each in _spread(path[: match.start()] + part + path[match.end() :])
    ]
