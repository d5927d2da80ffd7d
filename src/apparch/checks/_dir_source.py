"""The judges of DIR about source: what imports what, what is called how, where it branches by environment."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from apparch.app.python_source import Module, module_name, packages, source_files
from apparch.app.repo import AppRepo
from apparch.app.survey import File, answers, of_code, of_python
from apparch.checks._shared import finding, inner, name
from apparch.finding import Answer
from apparch.repository import Place
from apparch.repository.roles import role

SHARED = frozenset({"shared", "common", "utils", "util", "helpers"})
_ENVIRONMENTS = frozenset(
    {"prod", "production", "staging", "stage", "dev", "development", "live", "uat", "qa", "preprod", "local", "test"}
)
_NAMES = re.compile(
    r"(?:.*_)?(?:env|environment|stage|deployment_env|app_env|node_env|rails_env|flask_env|django_env|profile|env_name)",
    re.IGNORECASE,
)
_QUOTED = r"""["'`:](?:prod|production|staging|stage|dev|development|live|uat|qa|preprod)["'`]?"""
_STEERED = (
    r"(?:NODE_ENV|APP_ENV|RAILS_ENV|RACK_ENV|MIX_ENV|DEPLOY_ENV|GO_ENV|ENVIRONMENT"
    r"|\bENV|\benv(?:ironment)?|appEnv|[.]Env(?:ironment)?\b)"
)
_HINTS = (
    b"prod",
    b"stag",
    b"development",
    b"IsDevelopment",
    b'"dev"',
    b"'dev'",
    b'"live"',
    b"'live'",
    b'"qa"',
    b"'qa'",
    b'"uat"',
    b":dev",
    b"local",
)
_WRITTEN = re.compile(("['\"](?:" + "|".join(sorted(_ENVIRONMENTS)) + ")['\"]").encode())
_MATCH = re.compile(rb"match(?<=\bmatch)(?<![.]match)\b")
_TESTS = re.compile(rb"\b(?:import|from)\b(?:[^\n]|\\\r?\n)*?\btests?\b")
_BRANCH = re.compile(
    rf"""(?P<js>{_STEERED}["'`\])\s]*(?:={{2,3}}|!={{1,2}})\s*{_QUOTED})"""
    rf"""|(?P<turned>{_QUOTED}\s*(?:={{2,3}}|!={{1,2}})\s*[\w.\[("'$]*{_STEERED}\b)"""
    r"""|(?P<rails>\bRails[.]env[.](?:production|staging|development)\?)"""
    r"""|(?P<dotnet>\b[Ee]nv(?:ironment)?[.]Is(?:Production|Staging|Development)\(\))"""
    r"""|(?P<spring>@Profile\(\s*[{]?\s*"!?(?:prod|production|staging|dev|development)")"""
    r"""|(?P<profiles>\b(?:activeProfiles|getActiveProfiles\(\))[^;\n]{0,40}\(\s*"(?:prod|production|staging|dev|development)"\s*\))"""
    r"""|(?P<rust>\benv::var\(\s*"\w*ENV(?:IRONMENT)?"\s*\)[^;\n{]{0,60}==\s*"(?:prod|production|staging|dev|development)")"""
    r"""|(?P<laravel>\benvironment\(\s*\[?["'](?:production|staging|local)["'])"""
)


_HOLDS_TESTS = re.compile(r"^[ \t]*(?:async\s+)?def test|>>> ", re.MULTILINE)


def dir009(app: AppRepo) -> Iterator[Answer]:
    """No branch asks for the name of an environment."""
    yield from answers(app, _compared)
    yield from answers(app, _branched)


def dir010(app: AppRepo) -> Iterator[Answer]:
    """No tests stand in the source, and the source uses nothing of the tests."""
    seen: set[str] = set()
    for path in app.files if "python" in app.languages else ():
        own = inner(app, path)
        top, folder = own.partition("/")[0], own.rpartition("/")[0]
        is_test = path.endswith(".py") and role(own) == "test" and _is_test_of(own)
        is_own = top == "src" or (top in packages(app) and not _is_in_project(app, folder))
        if is_test and folder not in seen and is_own and not _is_offered(app, path):
            seen.add(folder)
            yield finding("DIR010", Place(path), f"테스트가 {folder}/에 있다", f"a test is in {folder}/")
    used = answers(app, _tests_used)
    for place, imported in used if used and app.repository.matching("tests/**", "test/*.py") else ():
        yield finding("DIR010", place, f"소스가 {imported}를 쓴다", f"the source uses {imported}")


def _is_offered(app: AppRepo, path: str) -> bool:
    """Whether a file outside of a folder of tests has no test in it: what it has is for the tests of others."""
    among_tests = re.search(r"(^|/)tests?/", inner(app, path))
    return not among_tests and name(path) != "conftest.py" and not _HOLDS_TESTS.search(app.glance(path))


def _is_in_project(app: AppRepo, folder: str) -> bool:
    """Whether a folder lies in a project of its own, whose tests stand beside its package."""
    above = [folder.rsplit("/", depth)[0] for depth in range(folder.count("/") + 1)]
    return any(app.has(f"{path}/{each}") for path in above for each in ("pyproject.toml", "setup.py", "setup.cfg"))


def dir015(app: AppRepo) -> Iterator[Answer]:
    """Shared utilities are no package of their own beside the app's."""
    found = packages(app)
    if not found.keys() - SHARED:
        return
    for each in sorted(found.keys() & SHARED):
        first = next(path for path in source_files(app) if path.startswith(f"{found[each]}/"))
        yield finding("DIR015", Place(first), f"{each}가 최상위 패키지다", f"{each} is a top-level package")


def dir016(app: AppRepo) -> Iterator[Answer]:
    """The directories of packages can be imported."""
    known = set(source_files(app))
    seen: set[str] = set()
    for path in known:
        steps = inner(app, path).split("/")[:-1]
        for at, step in enumerate(steps):
            folder = "/".join([app.repository.prefix.rstrip("/"), *steps[: at + 1]]).lstrip("/")
            is_package = f"{folder}/__init__.py" in known or (at == 1 and steps[0] == "src")
            is_project = any(app.root.has(f"{folder}/{each}") for each in ("pyproject.toml", "setup.py", "setup.cfg"))
            if "-" in step and is_package and not is_project and not step.endswith("-info"):
                seen.add(folder)
    for folder in sorted(seen):
        first = min(path for path in known if path.startswith(f"{folder}/"))
        yield finding(
            "DIR016", Place(first), f"{name(folder)}는 가져올 수 없는 이름이다", f"{name(folder)} cannot be imported"
        )


def dir019(app: AppRepo) -> Iterator[Answer]:
    """shared imports nothing of the rest of the app."""
    tops = packages(app)
    for place, top, imported in answers(app, _imported_by_shared):
        if top in tops:
            yield finding("DIR019", place, f"shared가 {imported}를 가져온다", f"shared imports {imported}")


@of_python(
    lowered=tuple((frozenset({b"env", b"stage", b"profile"}), each) for each in (_MATCH, _WRITTEN)),
    escaped=True,
)
def _compared(module: Module) -> Iterator[Answer]:
    for node in module.of(ast.Compare):
        if told := _asked(module, node):
            yield finding(
                "DIR009", module.place(node), f"환경 이름 {told}로 갈라진다", f"it branches on the environment {told}"
            )
    for branch in module.of(ast.Match):
        if _is_environment(module, branch.subject):
            yield finding(
                "DIR009", module.place(branch.subject), "환경 이름으로 갈라진다", "it branches on the environment"
            )


@of_code(*_HINTS)
def _branched(file: File) -> Iterator[Answer]:
    if name(file.path) == "mix.exs":
        return  # what Mix builds with, not what the app does
    for match in _BRANCH.finditer(file.code):
        told = " ".join(match[0].split())
        place = file.spot(match.start(), match.end())
        yield finding("DIR009", place, f"환경 이름으로 갈라진다: {told}", f"it branches on the environment: {told}")


@of_python((b"test", _TESTS))
def _tests_used(module: Module) -> Iterator[tuple[Place, str]]:
    for node, imported in module.imports:
        if imported.partition(".")[0] in ("tests", "test"):
            yield module.place(node), imported


@of_python(b"import", among=lambda app, path: ".shared." in f"{module_name(app, path)}.")
def _imported_by_shared(module: Module) -> Iterator[tuple[Place, str, str]]:
    top, _, rest = module.name.partition(".")
    for node, imported in module.imports if rest.partition(".")[0] == "shared" else ():
        if (imported == top or imported.startswith(f"{top}.")) and not f"{imported}.".startswith(f"{top}.shared."):
            yield module.place(node), top, imported


def _asked(module: Module, node: ast.Compare) -> str:
    """The environment that a comparison asks for; empty if it asks for none."""
    sides = [node.left, *node.comparators]
    if not any(_is_environment(module, side) for side in sides):
        return ""
    for side in sides:
        listed = side.elts if isinstance(side, ast.Tuple | ast.List | ast.Set) else [side]
        for each in listed:
            text = module.text(each)
            if text and text.lower() in _ENVIRONMENTS and not (text in ("test", "local") and _is_other(sides)):
                return text
    return ""


def _is_environment(module: Module, expression: ast.expr) -> bool:
    """Whether an expression is the name of the environment: a variable so called, or what is read from one."""
    match expression:
        case ast.Call(func=ast.Attribute(value=inner_, attr="lower" | "upper" | "strip" | "casefold")):
            return _is_environment(module, inner_)
        case ast.Call(args=[first, *_]) if module.meant(expression.func) in ("os.getenv", "os.environ.get"):
            return bool(_NAMES.fullmatch(module.text(first) or ""))
        case ast.Subscript(value=value, slice=key) if module.meant(value) == "os.environ":
            return bool(_NAMES.fullmatch(module.text(key) or ""))
        case ast.Attribute(attr=attribute):
            return bool(_NAMES.fullmatch(attribute))
        case ast.Name(id=identifier):
            return bool(_NAMES.fullmatch(identifier))
    return False


def _is_other(sides: list[ast.expr]) -> bool:
    """Whether what is compared may be a stage of something else, as of a training run."""
    return not any("env" in ast.unparse(each).lower() for each in sides)


def _is_test_of(own: str) -> bool:
    # A migration is called by what it changes, after its number.
    named = re.fullmatch(r"test_.*|(?![0-9]).*_test[.]py|tests?[.]py|conftest[.]py", name(own))
    return named is not None
