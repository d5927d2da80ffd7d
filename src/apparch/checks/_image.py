"""What the judges of IMG ask a Dockerfile: how its image starts, as whom, and what is baked into it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from apparch.app.identity import own_names
from apparch.app.repo import AppRepo
from apparch.app.stages import Stage, assignments, final, lineage
from apparch.repository import Place, path_names
from apparch.repository.dockerfile import Instruction
from apparch.repository.places import spot
from apparch.repository.programs import program
from apparch.repository.roles import role
from apparch.repository.shell import Command, parse_commands

_SHELLS = frozenset({"sh", "bash", "ash", "dash", "zsh", "ksh", "busybox"})
_INITS = frozenset({"tini", "tini-static", "dumb-init", "catatonit", "s6-svscan", "init", "my_init", "runsvdir"})
_PARENTS = frozenset({"npm", "npx", "yarn", "pnpm", "supervisord", "foreman", "honcho", "nodemon", "circusd", "make"})
"""Programs that start the app as a child instead of becoming it."""


_RUNTIMES = frozenset(
    str.split("""
    python python3 node java ruby php php-fpm dotnet deno bun perl elixir mix erl gunicorn uvicorn hypercorn daphne
    uwsgi granian celery flask django-admin manage.py bundle rails puma unicorn passenger rackup apache2-foreground
    httpd nginx caddy streamlit main app server
    """)
)


@dataclass(frozen=True)
class Start:
    """How an image starts."""

    entrypoint: Instruction | None
    command: Instruction | None
    stage: Stage

    @property
    def first(self) -> Instruction | None:
        """The instruction that names what runs as PID 1."""
        return self.entrypoint or self.command

    @property
    def words(self) -> list[str]:
        """The command line of what starts, of both instructions."""
        return [word for each in (self.entrypoint, self.command) if each for word in exec_form(each) or ()]


def start_of(all_stages: tuple[Stage, ...]) -> Start:
    """How the released image starts, by its last stage and those it is built from."""
    entrypoint: Instruction | None = None
    command: Instruction | None = None
    for stage in lineage(all_stages, final(all_stages)):
        if entrypoint is None:
            command = command or next(reversed(stage.all("CMD")), None)
            entrypoint = next(reversed(stage.all("ENTRYPOINT")), None)
    return Start(entrypoint, command, final(all_stages))


def exec_form(instruction: Instruction) -> list[str] | None:
    """The words of an array; None for the shell form, which an array that is no JSON is as well."""
    try:
        found = json.loads(instruction.argument)
    except (ValueError, RecursionError):
        return None
    return [str(each) for each in found] if isinstance(found, list) else None


@dataclass(frozen=True)
class Parent:
    """What stands as PID 1 before the app; `sure` is false where it may hand over, or pass signals on."""

    name: str
    place: Place
    sure: bool = True


def before_the_app(app: AppRepo, start: Start) -> Parent | None:
    """What an exec form starts that is not the app itself."""
    words = start.words
    if not words or start.first is None:
        return None
    program = PurePosixPath(words[0]).name
    place = start.first.place
    if program in _SHELLS and len(words) > 1:
        flag = next((at for at, word in enumerate(words[1:], start=1) if re.fullmatch(r"-\w*c", word)), None)
        if flag is not None and flag + 1 < len(words):
            return None if _hands_over(parse_commands(words[flag + 1])) else Parent(program, place)
        script = next((word for word in words[1:] if not word.startswith("-")), "")
        return _script(app, script, start) if script else None
    if program in _INITS:
        behind = next((PurePosixPath(word).name for word in words[1:] if not word.startswith("-")), "")
        return Parent(behind, place) if behind in _PARENTS else Parent(program, place, sure=False)
    if program in _PARENTS:
        return Parent(program, place)
    return _script(app, words[0], start)


def entry_script(app: AppRepo, start: Start) -> str | None:
    """The script of the repository that the image starts with, if there is one and only one of that name."""
    for word in start.words[:2]:
        wanted = PurePosixPath(word).name
        named = [
            path
            for path in app.files
            if path_names.name(path) in (wanted, f"{wanted}.sh") and role(path) in ("product", "development")
        ]
        if len(named) > 1:
            beside = start.first.place.path.rpartition("/")[0] if start.first else ""
            named = [path for path in named if path.rpartition("/")[0] == beside]
        if len(named) == 1 and _is_shell(app, named[0]) and _is_taken(start, named[0]):
            return named[0]
    return None


def _is_taken(start: Start, path: str) -> bool:
    """Whether an image takes in a script; one that it takes in with all else may only be called like the app."""
    folder, _, name = path.rpartition("/")
    told = start.first.place.path.rpartition("/")[0] if start.first else ""
    is_beside = folder in ("", told, "bin", "scripts", "script", "docker")
    if is_beside or name.endswith((".sh", ".bash")) or "entrypoint" in name:
        return True
    copied = [word for each in (*start.stage.all("COPY"), *start.stage.all("ADD")) for word in each.rest.split()[:-1]]
    return any(word.strip("./") and path.startswith(word.strip("./")) for word in copied)


def _script(app: AppRepo, word: str, start: Start) -> Parent | None:
    path = entry_script(app, start)
    if path is None:
        wrapped = word.endswith((".sh", ".bash")) or "entrypoint" in word
        place = start.first.place if start.first else app.home
        return Parent(word, place, sure=False) if wrapped else None
    text = app.root.text(path)
    found = parse_commands(text) if isinstance(text, str) else ()
    if not found or _hands_over(found):
        return None
    last = found[-1]
    return Parent(path, spot(path, str(text), last.begin, last.end), sure=bool(app.languages) or _starts_app(app, last))


def _starts_app(app: AppRepo, command: Command) -> bool:
    """Whether a script's last command starts the app, where the app may be scripts itself."""
    run, first = program(command.words), next(iter(command.words), "")
    return run.name in _RUNTIMES | _PARENTS | own_names(app) or "/" in first or first.startswith("$")


def _is_shell(app: AppRepo, path: str) -> bool:
    text = app.root.text(path)
    if not isinstance(text, str):
        return False
    first = text.partition("\n")[0]
    return bool(re.match(r"#!.*\b(sh|bash|ash|dash)\b", first)) or (path.endswith(".sh") and not first.startswith("#!"))


def _hands_over(found: tuple[Command, ...]) -> bool:
    """Whether a script at some point becomes what it starts."""
    return any(each.replaces and each.words for each in found)


def user_of(all_stages: tuple[Stage, ...]) -> tuple[Instruction | None, str | None]:
    """The last USER of the released image, and the user it means; None where the build's arguments say."""
    for stage in lineage(all_stages, final(all_stages)):
        if users := stage.all("USER"):
            return users[-1], stage.expanded(users[-1].argument.strip())
    return None, ""


_SECRET = re.compile(
    r"(?:.*_)?(PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|API_?KEY|ACCESS_?KEY|SECRET_?KEY|PRIVATE_?KEY|CREDENTIALS?"
    r"|SECRET_KEY_BASE|SIGNING_KEY|ENCRYPTION_KEY|AUTH_KEY)",
    re.IGNORECASE,
)
_FREE = frozenset({"", "true", "false", "yes", "no", "0", "1", "none", "null"})
_PLACEHOLDER = re.compile(
    r"(?i)(dummy|placeholder|change[-_]?me|replace[-_]?me|unset|unused|example|xxx+|not[-_]?(a[-_]?)?(secret|used|real)"
    r"|fake|build[-_]?(time)?([-_]?only)?|<.*>|your[-_].*|todo|redacted|\*+)"
)


def baked_secrets(all_stages: tuple[Stage, ...]) -> Iterator[tuple[Instruction, str]]:
    """Every instruction that puts a secret into a build argument, a label or the image's environment, and its name."""
    for stage in all_stages:
        for each in stage.instructions:
            if each.name not in ("ARG", "ENV", "LABEL"):
                continue
            for name, value in assignments(each):
                if not _SECRET.fullmatch(name.rpartition(".")[2]):
                    continue
                plain = (value or "").strip()
                if each.name == "ARG" and not value:
                    yield each, name
                elif plain.lower() in _FREE or _PLACEHOLDER.search(plain) or plain.startswith("/"):
                    continue
                elif not re.fullmatch(r"\$\{?\w+\}?", plain):  # the value of an argument is told of at the argument
                    yield each, name


def kept_mounts(all_stages: tuple[Stage, ...]) -> Iterator[Instruction]:
    """Every RUN that writes a secret that is mounted for it to another file, which stays in the layer."""
    for stage in all_stages:
        for each in stage.all("RUN"):
            for mount in re.findall(r"--mount=(\S*type=secret\S*)", each.argument):
                options = dict(part.partition("=")[::2] for part in mount.split(","))
                target = options.get("target") or options.get("dst") or options.get("destination")
                file = re.escape(target or f"/run/secrets/{options.get('id', '')}")
                writes = rf"\b(?:cp|mv|install|tee)\b[^;&|]*{file}|\bcat\b[^;&|]*{file}[^;&]*>(?!\s*/dev/)"
                if options.keys() & {"target", "dst", "destination", "id"} and re.search(writes, each.argument):
                    yield each
