"""Whether a command that prose names can be typed: its tool, subcommand, options, variables and files."""

from __future__ import annotations

import itertools
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from functools import cache

from apparch.pages.promised.bound.product import Product
from apparch.pages.proved.tools import Unavailable, kubernetes_tool

ASSIGNMENT = re.compile(r"(?P<name>[A-Z][A-Z0-9_]*)=.*")
# What a person fills in, and what stands for the rest.
OPEN = re.compile(r"[A-Z]+|\.\.\.|-|<.*>|\{.*\}")
LIBRARY = "snippets/deploy/_shared/scripts/lib.sh"
SHELL = {"|", "&&", ";"}


def is_command(name: str) -> bool:
    """Whether a code span has the shape of a command."""
    words = [word for word in name.split() if not ASSIGNMENT.fullmatch(word)]
    return bool(words) and (
        words[0] in {"kubectl", "helm", "kustomize", "python", "apparch", "./dev"}
        or words[:2] == ["docker", "build"]
        or (words[0].endswith(".sh") and "/" in words[0])
    )


def wrong_in(name: str, product: Product) -> str | None:
    """What is wrong with a command; None where it can be typed."""
    try:
        words = shlex.split(name)
    except ValueError as error:
        return str(error)
    variables = []
    while words and (match := ASSIGNMENT.fullmatch(words[0])):
        variables.append(match.group("name"))
        words = words[1:]
    words = words[: next((n for n, word in enumerate(words) if word in SHELL), len(words))]
    tool, rest = words[0], words[1:]
    if tool in {"kubectl", "helm"}:
        return _kubernetes(tool, tuple(rest)) or _files(rest, product)
    judges: dict[str, Callable[[], str | None]] = {
        "kustomize": lambda: _kustomize(rest),
        "python": lambda: _module(rest, product),
        "./dev": lambda: _dev(rest, product),
        "apparch": lambda: _own(rest),
        "docker": lambda: _docker_build(rest, product),
    }
    return judges.get(tool, lambda: _script(tool, rest, variables, product))()


@cache
def _kubernetes(tool: str, words: tuple[str, ...]) -> str | None:
    """What the tool's own help says: it refuses an unknown flag, and its usage line shows what it understood."""
    asked = [word for word in words if word != "..." and "{" not in word]
    asked = asked[: asked.index("--")] if "--" in asked else asked
    plain = [word for word in asked if not word.startswith("-")]
    # A flag at the end may want a value; a flag of a group is one of its subcommands' own.
    for tried in (asked, [*asked, "x"], [*asked[: len(plain)], "generic", *asked[len(plain) :]]):
        help_text, error = _help(tool, tuple(tried))
        if not error:
            break
    usage = re.search(r"^Usage:\n +(.*)$", help_text, re.MULTILINE)
    shown = usage.group(1) if usage else ""
    if not error and plain and (len(shown.split()) < 2 or (len(plain) > 1 and "SUBCOMMAND" in shown)):
        return f"{tool} has no subcommand {' '.join(plain)}"
    if not error and plain and tool == "helm" and "[command]" in shown:
        return f"helm has no subcommand {' '.join(plain)}"
    return error


@cache
def _help(tool: str, words: tuple[str, ...]) -> tuple[str, str | None]:
    try:
        binary = kubernetes_tool(tool)
    except Unavailable:
        return "", None
    done = subprocess.run([str(binary), *words, "--help"], capture_output=True, text=True, check=False, timeout=60)
    return done.stdout, (done.stderr or done.stdout).strip().split("\n")[0] if done.returncode else None


def _files(words: list[str], product: Product) -> str | None:
    for word in words:
        if re.fullmatch(
            r"(?:k8s|argocd|helm|_shared|docker|config|migrations)/[\w./*{}-]+", word
        ) and not product.has_path(word):
            return f"no file or folder {word}"
    return None


def _module(words: list[str], product: Product) -> str | None:
    if words[:1] != ["-m"]:
        return _files(words, product) or next(
            (f"no file {word}" for word in words if word.endswith(".py") and not product.has_path(word)), None
        )
    module = words[1].replace("{app}", "app").replace(".", "/")
    if module == "ruff":
        return _ruff(words[2] if len(words) > 2 else "help")
    if module in {"venv", "pytest", "pip", "mypy"} or re.fullmatch(r"[A-Z]+", module):
        return None
    known = (f"src/{module}.py", f"src/{module}/__main__.py")
    sources = [path for path in product.files if path.endswith(known)]
    if not sources:
        return f"no module {words[1]}"
    texts = [(product.root / path).read_text("utf-8") for path in sources]
    plain = [word for word in words[2:] if re.fullmatch(r"[a-z]+", word)]
    refused = [word for word in plain[:1] if not any(f'"{word}"' in text for text in texts)]
    return f"{words[1]} has no subcommand {refused[0]}" if refused else None


def _kustomize(words: list[str]) -> str | None:
    """kustomize on its own comes with no wheel: its few subcommands stand here."""
    commands: dict[str, set[str]] = {"build": set(), "create": set(), "edit": {"add", "fix", "remove", "set"}}
    command, below = words[0] if words else "", words[1:2]
    if command not in commands:
        return f"kustomize has no subcommand {command}"
    wrong = [word for word in below if commands[command] and word not in commands[command]]
    return f"kustomize {command} has no subcommand {wrong[0]}" if wrong else None


@cache
def _ruff(command: str) -> str | None:
    asked = [sys.executable, "-m", "ruff", command, "--help"]
    done = subprocess.run(asked, capture_output=True, text=True, check=False, timeout=60)
    # Without its package ruff cannot be asked.
    return f"ruff has no subcommand {command}" if "unrecognized subcommand" in done.stderr else None


def _dev(words: list[str], product: Product) -> str | None:
    text = (product.root / "dev").read_text("utf-8")
    commands = {
        name for line in re.findall(r"^  ([a-z| -]+)\)$", text, re.MULTILINE) for name in line.replace("|", " ").split()
    }
    if words and words[0] not in commands:
        return f"./dev has no {words[0]}; there are {', '.join(sorted(commands))}"
    parts = set(re.findall(r"\$part == (\w+)", text))
    asked = words[1].split("|") if words[:1] == ["test"] and len(words) > 1 else []
    return next((f"./dev test has no part {part}" for part in asked if part not in parts), None)


def _docker_build(words: list[str], product: Product) -> str | None:
    """A build of the reference app: its Dockerfile has to be there, and the stage in it."""
    options = dict(itertools.pairwise(words))
    file = product.root / "snippets/app" / options.get("--file", "Dockerfile")
    if not file.is_file():
        return f"no file {options.get('--file', 'Dockerfile')}"
    stages = re.findall(r"^FROM .+ AS (\S+)$", file.read_text("utf-8"), re.MULTILINE | re.IGNORECASE)
    target = options.get("--target")
    return f"{file.name} has no stage {target}" if target and target not in stages else None


def _own(words: list[str]) -> str | None:
    # The words before the first option are commands, of which the last may be one's own command.
    named = words[: next((n for n, word in enumerate(words) if word.startswith("-")), len(words))]
    done = _own_help(" ".join(named))
    if done is None:
        return f"apparch has no {' '.join(named)}"
    options = [word for word in words if word.startswith("-")]
    said = " ".join(named)
    return next((f"apparch {said} has no option {option}" for option in options if f"{option} " not in done), None)


@cache
def _own_help(command: str) -> str | None:
    asked = [sys.executable, "-m", "apparch", *command.split(), "--help"]
    done = subprocess.run(asked, capture_output=True, text=True, check=False, timeout=60)
    return None if done.returncode else " ".join(done.stdout.split()) + " "


def _script(script: str, words: list[str], variables: list[str], product: Product) -> str | None:
    file = next((path for path in product.files if path.endswith(f"/{script.removeprefix('./')}")), None)
    if file is None:
        return f"no script {script}"
    own = (product.root / file).read_text("utf-8")
    library = (product.root / LIBRARY).read_text("utf-8")
    # A script may hand a variable on to the scripts that it calls.
    called = [path for path in product.files if path.endswith(".sh") and path.rpartition("/")[2] in own]
    text = "\n".join([own, library, *((product.root / path).read_text("utf-8") for path in called)])
    for variable in variables:
        if not re.search(rf"\b{variable}\b", text):
            return f"{script} reads no variable {variable}"
    for word in words:
        if word.startswith("-") and f"{word})" not in (own + library if 'options "$@"' in own else own):
            return f"{script} has no option {word}"
    return None
