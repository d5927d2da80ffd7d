"""What a command is for: tests, linting, building and pushing an image, publishing, deploying."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from apparch.repository import Problem, Repository
from apparch.repository.programs import Program, program
from apparch.repository.shell import parse_commands
from apparch.repository.yaml_file import parse_yaml

Meaning = Literal["test", "lint", "types", "build", "push", "publish", "release", "deploy", "cluster"]
"""`publish` sends something other than an image away, `cluster` starts a throw-away cluster for tests."""

_TEST_WORD = re.compile(
    r"(^|[^a-z])(tests?|testing|unit|specs?|cover|coverage|e2e|integration|verify|ci|validate)($|[^a-z])", re.IGNORECASE
)
_LINT_WORD = re.compile(
    r"(^|[^a-z])(lint|linter|linters|vet|quality|static|style|format|fmt|analy[sz]e|analysis|verify|validate|ci|checks?"
    r"|code-?style|scalafmt\w*|scalafix\w*)($|[^a-z])",
    re.IGNORECASE,
)
_TYPE_WORD = re.compile(r"(^|[^a-z])(types?|type-?check|tsc|typing|mypy)($|[^a-z])", re.IGNORECASE)
_SCRIPT = re.compile(r"[.](sh|py|js|mjs|ts|rb|ps1|bash)$")
_CHECKERS = frozenset({"make", "gmake", "mage", "just", "ninja"})
"""Programs with which `check` is, as a rule, the word for running the tests."""
_PACKAGES = frozenset({"npm", "pnpm", "yarn", "bun", "deno"})
LOOPBACK = re.compile(r"(?:registry|kind)[.]local[:/]|localhost[:/]|127\.0\.0\.1[:/]|\[::1\]")
"""How the name of an image begins that is pushed to a registry of this very machine."""
DEEPEST = 4
"""How many scripts of package.json may lead to one another."""


@cache
def known() -> Mapping[str, Any]:
    """The table of programs and actions."""
    documents = parse_yaml((files("apparch.app") / "commands.yaml").read_text("utf-8"), "commands.yaml")
    assert not isinstance(documents, Problem), documents
    found: Any = documents[0].plain
    return dict(found)


def meanings(run: Program, repository: Repository, directory: str = "", depth: int = 0) -> frozenset[Meaning]:
    """What a program with its arguments is for; empty where nothing is known of it."""
    if run.words[:1] and run.words[0] in known()["installs"].get(run.name, ()):
        return frozenset()
    found: set[Meaning] = {*_of_image(run), *_leaving(run), *_deploying(run)}
    if run.name == "test" and not run.arguments:
        return frozenset({"test"})  # a script of the project's: the shell's own has something to look at
    if run.name in known()["nothing"]:
        return frozenset(found)
    script = package_script(run, repository, directory) if run.name in _PACKAGES and depth < DEEPEST else ""
    for command in parse_commands(script):
        found |= meanings(program(command.words), repository, directory, depth + 1)
    return frozenset({*found, *_of_quality(run)})


def package_script(run: Program, repository: Repository, directory: str) -> str:
    """The text of the script that `npm run NAME` means; empty where there is none."""
    words = run.words
    name = words[1] if words[:1] in (("run",), ("run-script",)) and len(words) > 1 else words[0] if words else ""
    path = f"{directory}/package.json" if directory else "package.json"
    text = repository.text(path) if repository.has(path) else ""
    if isinstance(text, Problem) or not name:
        return ""
    try:
        found = json.loads(text or "{}").get("scripts", {}).get(name, "")
    except (ValueError, AttributeError, RecursionError):
        return ""
    return found if isinstance(found, str) else ""


def phrase(run: Program, table: Mapping[str, list[str]], words: tuple[str, ...] | None = None) -> bool:
    """Whether a program's first words stand in a table of phrases."""
    told = run.words if words is None else words
    return any(told[: len(each.split())] == tuple(each.split()) for each in table.get(run.name, ()))


def _of_quality(run: Program) -> set[Meaning]:
    words = {run.name, *(word.rpartition("/")[2] for word in run.words)}
    found: set[Meaning] = set()
    if words.intersection(known()["tests"]) or phrase(run, known()["own_tests"]) or _is_test(run):
        found.add("test")
    if words.intersection(known()["lints"]) or phrase(run, known()["own_lints"]) or _is_lint(run):
        found.add("lint")
    if words.intersection(known()["types"]):
        found.add("types")
    return found | _by_name(run)


def _by_name(run: Program) -> set[Meaning]:
    """What the names say that a project gave to its tasks and scripts."""
    found: set[Meaning] = set()
    tasks = run.name in known()["tasks"] or run.name in _PACKAGES or run.name.startswith("$")
    named_by = [word.partition("=")[2] for word in run.arguments if word.startswith(("--target=", "--targets="))]
    aliases = [word for word in run.arguments if re.match(r"-[XMT]:", word)]
    for word in (*run.words, *named_by, *aliases) if tasks else (run.name, *run.words[:1]):
        named = word.rpartition("/")[2]
        if tasks or _SCRIPT.search(named):
            found |= {"test"} if _TEST_WORD.search(named) or (run.name in _CHECKERS and named == "check") else set()
            found |= {"lint"} if _LINT_WORD.search(named) else set()
            found |= {"types"} if _TYPE_WORD.search(named) else set()
    if run.name in ("docker", "docker-compose", "podman") and any(_TEST_WORD.search(word) for word in run.arguments):
        found.add("test")
    return found


def _is_test(run: Program) -> bool:
    words = run.words
    if run.name in ("mvn", "mvnw"):
        skipped = any(re.match(r"-D(skipTests|maven[.]test[.]skip)(=true)?$", word) for word in run.arguments)
        return not skipped and bool({"test", "verify", "install", "package", "integration-test", "deploy"} & set(words))
    if run.name in ("gradle", "gradlew"):
        skipped = "test" in run.option("-x", "--exclude-task")
        return not skipped and any(re.search(r"(^|:)(test\w*|check|build|\w+Test)$", word) for word in words)
    if run.name in ("rails", "rake"):
        return (run.name == "rake" and not words) or any(word.partition(":")[0] in ("test", "spec") for word in words)
    if run.name in ("node", "julia"):
        return run.has("--test") or any("Pkg.test" in word for word in run.arguments)
    if words[:1] == ("setup.py",):
        return "test" in words
    managed = any(word.endswith(("manage.py", "artisan", "bin/rails")) for word in (run.name, *words))
    return managed and "test" in words


def _is_lint(run: Program) -> bool:
    if run.name == "php":
        return run.has("-l")
    if run.name in ("mvn", "mvnw"):
        return any(re.search(r"checkstyle|spotbugs|pmd|spotless|verify|sonar|enforcer", word) for word in run.words)
    if run.name in ("gradle", "gradlew"):
        checks = r"(^|:)(check\w*|build|detekt\w*|ktlint\w*|spotless\w*|pmd\w*|spotbugs\w*|lint\w*|sonar\w*)$"
        return any(re.search(checks, word) for word in run.words)
    return False


def _of_image(run: Program) -> set[Meaning]:
    judge = _IMAGE.get(run.name)
    return judge(run) if judge else set()


def _docker(run: Program) -> set[Meaning]:
    words = run.words
    if words[:1] == ("push",) and words[1:] and LOOPBACK.match(words[1]):
        return set()
    if words[:1] == ("push",) or words[:2] in (("compose", "push"), ("manifest", "push"), ("image", "push")):
        return {"push"}
    if words[:1] == ("build",) or words[:2] in (("buildx", "build"), ("buildx", "bake"), ("image", "build")):
        outputs = " ".join(run.option("--output", "-o"))
        sent = "--push" in run.arguments or "type=registry" in outputs or "push=true" in outputs
        return {"build", "push"} if sent else {"build"}
    return {"build"} if words[:2] == ("compose", "build") else set()


def _maven(run: Program) -> set[Meaning]:
    text = " ".join(run.words)
    if re.search(r"jib:build\b|(^|[ :])jib\b(?!:|Docker|BuildTar)", text):
        return {"build", "push"}
    if re.search(r"jib:dockerBuild|jibDockerBuild|spring-boot:build-image|bootBuildImage", text):
        sent = run.has("--publishImage") or "publish=true" in " ".join(run.arguments)
        return {"build", "push"} if sent else {"build"}
    return set()


def _ko(run: Program) -> set[Meaning]:
    if run.words[:1] not in (("build",), ("publish",)):
        return set()
    return {"build"} if run.has("--local", "-L") or "--push=false" in run.arguments else {"build", "push"}


def _compose(run: Program) -> set[Meaning]:
    return {"build"} if run.words[:1] == ("build",) else {"push"} if run.words[:1] == ("push",) else set()


def _buildah(run: Program) -> set[Meaning]:
    if run.words[:1] == ("push",):
        return {"push"}
    return {"build"} if run.words[:1] in (("bud",), ("build",)) else set()


def _pack(run: Program) -> set[Meaning]:
    if run.words[:1] != ("build",):
        return set()
    return {"build", "push"} if run.has("--publish") else {"build"}


def _copying(run: Program) -> set[Meaning]:
    if run.name == "skopeo":
        return {"push"} if run.words[:1] == ("copy",) and run.words[-1].startswith("docker://") else set()
    return {"push"} if run.words[:1] in (("push",), ("copy",), ("tag",)) else set()


def _kaniko(run: Program) -> set[Meaning]:
    if not run.has("-d", "--destination", "--context", "-c", "--dockerfile", "-f"):
        return set()
    return {"build"} if run.has("--no-push") else {"build", "push"}


def _cloud(run: Program) -> set[Meaning]:
    """The builders of Google and Azure, which push what they are told a name for."""
    if run.does("gcloud", "builds", "submit"):
        return {"build", "push"} if run.has("-t", "--tag") else set()
    if run.does("az", "acr", "build"):
        return {"build"} if run.has("--no-push") else {"build", "push"}
    return set()


_IMAGE: dict[str, Callable[[Program], set[Meaning]]] = {
    **dict.fromkeys(("docker", "podman", "nerdctl"), _docker),
    **dict.fromkeys(("mvn", "mvnw", "gradle", "gradlew"), _maven),
    **dict.fromkeys(("skopeo", "crane"), _copying),
    "docker-compose": _compose,
    "buildah": _buildah,
    "ko": _ko,
    "pack": _pack,
    "executor": _kaniko,
    **dict.fromkeys(("gcloud", "az"), _cloud),
}


def _leaving(run: Program) -> set[Meaning]:
    """What leaves as something other than an image."""
    words = run.words
    if run.name == "gh" and words[:2] in (("release", "create"), ("release", "upload")):
        taken = run.option("-t", "--title", "-n", "--notes", "-F", "--notes-file", "--target", "-R", "--repo")
        given = [word for word in words[3:] if word not in taken]
        return {"release", "publish"} if given else {"release"}
    if run.does("goreleaser", "release") and not run.has("--snapshot", "--skip-publish"):
        return {"release", "publish"}
    if "semantic-release" in (run.name, *words[:1]):
        return {"release"}
    if phrase(run, known()["publishes"]) and not run.has("--dry-run"):
        return {"publish"}
    to_bucket = {"aws": "s3", "gsutil": "cp", "gcloud": "storage"}.get(run.name)
    if to_bucket in words[:1] and re.match(r"(s3|gs)://", words[-1]):
        return {"publish"}
    return set()


def _deploying(run: Program) -> set[Meaning]:
    text = " ".join(run.arguments)
    local = re.search(r"(kind-|minikube|k3d-)\S*", " ".join(run.option("--context", "--kube-context")))
    if local or phrase(run, known()["clusters"]):
        return {"cluster"}
    if re.search(r"--dry-run(=|$|\s)|--help\b|--local\b", text):
        return set()
    if run.name == "ansible-playbook" and any(
        re.search(r"stag|releas|test|lint|docs|build", word) for word in run.words
    ):
        return set()
    taken = set(run.option("-n", "--namespace", "-f", "--context", "--kubeconfig", "--chdir"))
    plain = tuple(word for word in run.words if word not in taken)
    return {"deploy"} if phrase(run, known()["deploys"], plain) or _remote(run, text) else set()


def _remote(run: Program, text: str) -> bool:
    """Whether it works on another machine."""
    if run.name == "ssh":
        return len(run.words) > 1 and not re.search(r"git@|github\.com|gitlab\.com", text)
    if run.name == "rsync":
        return any(re.match(r"[^/\s:]+@?[^/\s:]*:(?!:)", word) for word in run.words)
    if run.name == "curl" and re.search(r"-X\s*(POST|PUT|PATCH)|--request[ =](POST|PUT|PATCH)", text):
        hooks = r"argo-?cd|/api/v1/applications/|portainer|DEPLOY_?(HOOK|URL)|deploy-?hook"
        return bool(re.search(hooks, text, re.IGNORECASE))
    return False
