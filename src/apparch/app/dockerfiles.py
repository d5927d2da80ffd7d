"""Which Dockerfiles make the image of the app, and which one to build, develop or test in."""

from __future__ import annotations

import re
from collections.abc import Iterable

from apparch.app.base_images import starts_nothing
from apparch.repository import Problem, Repository
from apparch.repository.dockerfile import parse_dockerfile
from apparch.repository.path_names import ending, name
from apparch.repository.programs import program
from apparch.repository.roles import is_product
from apparch.repository.stages import Stage, effective, lineage, stages

DOCKERFILE = re.compile(
    r"(?!dockerfile[.](go|py|js|ts|rb|rs|java|cs|php)$)"
    r"([Dd]ockerfile|Containerfile)([._-](?!dockerignore$)[\w.-]+)?|\w[\w.-]*[.][Dd]ockerfile"
)
"""What a Dockerfile is called."""
_SURROUNDINGS = re.compile(
    r"dev/.*|(.*/)?([.]?ci|cross|crossbuild|hack|releng|functional|priv|env|assets|resources|tools|toolchains?|build-?env|[^/]*[-_.]ci"
    r"|(packag\w+|pkg|dist|install|release)/(rpm|deb|debian|fedora|centos|arch|snap|appimage|flatpak)"
    r"|(dev|devel|build|builder|ci|test|release)[-_](images?|env|container|tools))/.*"
)
"""Where a Dockerfile makes what a developer or CI builds and tests in."""
_ASIDE = re.compile(
    r"(^|[-_.])(coverage|dev|devel|develop|developers?|development|devcontainer|local|test|tests|testing|testbed|testsuite"
    r"|ci|lint|debug|e2e|bench|docs?|builder|playground|fuzz\w*)([-_.]|$)",
    re.IGNORECASE,
)
"""A Dockerfile, or a stage, that is called so makes no image that is released."""
_FOR_TESTS = re.compile(
    r"(^|[-_.])(coverage|tests?|testing|testbed|testsuite|ci|lint|e2e|bench\w*|docs?|fuzz\w*|playground)([-_.]|$)",
    re.IGNORECASE,
)
"""A Dockerfile that is called so makes what tests and documents are made in, in no environment."""
_BUILDS = re.compile(r"(^|[-_.])(\w*build|build-?env|cross|packag\w+|rpm|deb)([-_.]|$)", re.IGNORECASE)
"""A Dockerfile that is called so makes what something is built in."""
_TEMPLATES = frozenset(
    {".m4", ".j2", ".jinja", ".jinja2", ".tmpl", ".tpl", ".template", ".in", ".erb", ".mustache", ".hbs"}
)
_TOOLING = re.compile(
    r"(.*/)?(scripts?|hack|tools|ci)/.*|.*[.](sh|txt|lock|mod|sum|key|repo|list|conf)|package.*[.]json|https?://.*|(.*/)?(Gemfile|Pipfile|Cargo[.]toml|pyproject[.]toml|composer[.]json|Makefile)"
)
"""What is copied into an image to work in: scripts, what to install, and from where."""
_TOOLCHAIN = re.compile(r"(^|/)(golang|rust|maven|gradle|gcc|haskell|swift|dotnet/sdk|buildpack-deps|sdk)([:@]|$)")
"""Images with a compiler, which start no app that was not told to them."""
_DEVCONTAINER = re.compile(r"devcontainer")
_IDLE = frozenset({"sh", "bash", "ash", "dash", "zsh", "true", "sleep", "tail", "make"})
"""What a container starts with in which a person or CI works."""


_DEPLOYMENT = re.compile(r"(deployments?|deploy|docker|compose|docker-compose|infra|monitoring|observability)/")
_DEEP = 3
"""So many folders down what lies below a folder for deployment is no app's usual place."""
_BUILDS_HERE = re.compile(r"^[ \t]+(build|context):\s*[\"']?[.]/?[\"']?\s*$", re.MULTILINE)
_CHECKERS = frozenset(
    str.split("""
    cspell eslint prettier golangci-lint hadolint markdownlint markdownlint-cli2 vale yamllint shellcheck pylint flake8
    black ruff mypy pytest tox nox mkdocs sphinx-build sphinx-autobuild jekyll hugo bundle-audit rubocop rspec phpunit
    phpstan protoc buf terraform tofu packer ansible-playbook k6 locust jest vitest mocha cypress newman artillery
    kubectl helm pre-commit semgrep trivy codespell openapi-generator-cli swagger-codegen vuepress docusaurus
    """)
)
"""What a container starts with that looks at source or makes documents of it."""


def is_dockerfile(path: str) -> bool:
    """Whether a file makes an image of the product: it is called so, and is not there for tests, examples or CI."""
    last = name(path)
    is_named = DOCKERFILE.fullmatch(last) and ending(path) != ".m4" and not last.startswith(("tmpl.", "template."))
    return bool(is_named) and is_product(path) and not _SURROUNDINGS.fullmatch(path)


def is_aside(image: str) -> bool:
    """Whether an image is by its name one to develop or test with, not the app's."""
    last = image.rpartition("/")[2].partition("@")[0].partition(":")[0]
    return bool(_ASIDE.search(last.strip("${}()")))


def is_for_tests(path: str) -> bool:
    """Whether a Dockerfile is by its name there for tests or documents alone."""
    return bool(_FOR_TESTS.search(_called(path)))


def _called(path: str) -> str:
    """A Dockerfile's name without what every one is called."""
    return re.sub(r"(?i)(docker|container)file", "", name(path))


def is_released(path: str) -> bool:
    """Whether a Dockerfile is not by its name one to build, develop or test with, nor a template of one."""
    without = _called(path)
    return not (_ASIDE.search(without) or _BUILDS.search(without) or ending(path) in _TEMPLATES)


def final(all_stages: tuple[Stage, ...]) -> Stage:
    """The stage that is released: the last one, but for those that are for development or tests, or only hold files."""
    found = [each for each in all_stages if not _ASIDE.search(each.name)] or list(all_stages)
    starting = [each for each in found if _has_start(all_stages, each)]
    hands_out = found[-1].image == "scratch" and not _has_start(all_stages, found[-1])
    return starting[-1] if hands_out and starting else found[-1]


def _has_start(all_stages: tuple[Stage, ...], stage: Stage) -> bool:
    return any(each.all("CMD") or each.all("ENTRYPOINT") for each in lineage(all_stages, stage))


def makes_app(repository: Repository, path: str) -> bool:
    """Whether a Dockerfile's image may be the app's: one that holds tools, or starts a shell, is there to work in."""
    known = repository.memo(makes_app)
    if path not in known:
        known[path] = _starts(repository, path)
    return bool(known[path])


def of_showcases(repository: Repository, paths: Iterable[str]) -> frozenset[str]:
    """Those of some Dockerfiles that a Compose file beside them builds to show the product with somebody else's.

    They lie below what deploys, where other Dockerfiles lie elsewhere.
    """
    listed = list(paths)
    below = [each for each in listed if _DEPLOYMENT.match(each) and each.count("/") >= _DEEP]
    return frozenset(each for each in below if len(below) < len(listed) and _builds_here(repository, each))


def _builds_here(repository: Repository, path: str) -> bool:
    folder = path.rpartition("/")[0]
    texts = (repository.text(each) for each in repository.matching(f"/{folder}/*.yml", f"/{folder}/*.yaml"))
    return any(_BUILDS_HERE.search(text) for text in texts if isinstance(text, str))


def _starts(repository: Repository, path: str) -> bool:
    instructions = repository.parsed(path, parse_dockerfile)
    found = () if isinstance(instructions, Problem) else stages(instructions)
    if not found:
        return True
    last = final(found)
    started = [effective(found, last, each) for each in ("ENTRYPOINT", "CMD")]
    words = [word for each in started if each for word in each.exec_form or each.argument.split()]
    if words:
        mounted = re.match(r"[.]?[\w-]+/", words[0]) or words[0].startswith("./")
        if mounted and starts_nothing(lineage(found, last)[-1].image) and not _copied(lineage(found, last)):
            return False
        run = program(words)
        waits = (
            run.name in ("sleep", "tail")
            or run.name in _CHECKERS
            or (run.name in _IDLE and all(word in _IDLE for word in run.words))
        )
        return not waits
    below = lineage(found, last)
    if (len(found) > 1 and len(below) == 1 and not last.instructions) or _is_to_develop_in(found, below):
        return False
    if not starts_nothing(below[-1].image):
        return True
    compiles = _TOOLCHAIN.search(below[-1].image or "")
    return (_holds_app(below) and not compiles) or not any(each.all("RUN") for each in below)


def _is_to_develop_in(found: tuple[Stage, ...], below: list[Stage]) -> bool:
    """Whether an image says by its stages or its base that people work in it, and takes nothing in."""
    said = all(is_aside(each.name) for each in found) or _DEVCONTAINER.search(below[-1].image or "")
    return bool(said) and not _copied(below)


def _holds_app(below: list[Stage]) -> bool:
    """Whether an image is filled with more than tools."""
    return any(not _TOOLING.fullmatch(each) for each in _copied(below))


def _copied(below: list[Stage]) -> list[str]:
    return [
        word
        for stage in below
        for each in (*stage.all("COPY"), *stage.all("ADD"))
        for word in (each.exec_form or each.rest.split())[:-1]
    ]
