"""The process that forks a pytest run for each question, all libraries already imported and nothing of the product.

Run as a script from a workspace. It reads one JSON question a line and answers with one JSON line.
It knows nothing of breaches.
"""

from __future__ import annotations

import atexit
import ctypes
import gc
import importlib
import importlib.metadata
import inspect
import json
import os
import select
import shutil
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import Any

# What is slow to import and never part of what a breach edits.
LIBRARIES = (  # noqa: SIM905
    "_hypothesis_pytestplugin _pytest.pytester alembic.command apparch.catalogue apparch.cli apparch.contract "
    "apparch.pages.drawn.release_flow apparch.pages.expand apparch.pages.proofs apparch.pages.proved.judges.choice "
    "apparch.pages.proved.sybil_blocks apparch.pages.written.blocks apparch.pages.written.site asyncpg bs4 docker "
    "dotenv email.message fastapi fastapi.testclient http.server httpx httpx2 hypothesis "
    "hypothesis.internal.conjecture.engine jsonschema kubernetes_validate lxml.etree markdown pathspec "
    "prometheus_client prometheus_client.parser promql_parser psutil pydantic pymdownx.superfences pytest "
    "pytest_asyncio.plugin pytest_cov.plugin pytest_examples pytest_timeout redis.asyncio "
    "sqlalchemy.dialects.postgresql.asyncpg sqlalchemy.ext.asyncio starlette sybil unittest.mock uvicorn "
    "uvicorn.loops.auto uvicorn.protocols.http.h11_impl websockets websockets.asyncio.client "
    "websockets.asyncio.server xdist.plugin yaml"
).split()
MESSAGE = 20_000
NOT_THE_PRODUCT = {"FixtureLookupError", "ModuleNotFoundError", "ImportError", "SyntaxError", "IndentationError"}
"""What a fixture raises when nothing was judged: the harness or an import broke, not a promise."""


def main() -> int:
    """Answer questions until the input ends."""
    _adopt_orphans()
    plugins = [entry.module for entry in importlib.metadata.entry_points(group="pytest11")]
    for name in [*LIBRARIES, *plugins]:
        try:
            importlib.import_module(name)
        except Exception as error:  # A library that is not here is no reason not to ask what needs none.
            print(f"{name}: {error!r}", file=sys.stderr)
    _warm()
    gc.freeze()
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)
    return 0


def _warm() -> None:
    """Fill what would be found out anew in every child: the catalogue's parsed texts, the modules' file names."""
    from apparch.catalogue import load_catalogue

    load_catalogue()
    inspect.getmodule(sys._getframe())


def answer(question: dict[str, Any]) -> dict[str, Any]:
    """Run pytest, or import modules, in a child; what came of it."""
    began = time.monotonic()
    temporary = tempfile.mkdtemp(prefix="breach")
    os.chmod(temporary, 0o755)  # The database server runs as another user where the tests run as root.
    readable, writable = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(readable)
        _in_child(question, temporary, writable)
    os.close(writable)
    text = _read(readable, question["limit"])
    _end(child)
    result: dict[str, Any] = {"broken": f"no end within {question['limit']} s"} if text is None else {}
    if text is not None:
        try:
            result = json.loads(text)
        except ValueError:
            result = {"broken": f"the run died: {_tail(Path(temporary) / 'output')}"}
    shutil.rmtree(temporary, ignore_errors=True)
    return {**result, "seconds": round(time.monotonic() - began, 3)}


def _in_child(question: dict[str, Any], temporary: str, writable: int) -> None:
    try:
        os.setsid()
        output = os.open(f"{temporary}/output", os.O_CREAT | os.O_RDWR)
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.environ["TMPDIR"] = tempfile.tempdir = temporary
        os.chdir(question["folder"])
        sys.path.insert(0, os.getcwd())
        if question.get("keep_bytecode"):
            sys.dont_write_bytecode = False
            os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        if question.get("confirm"):
            _confirm()
        result = _import(question) if "modules" in question else _pytest(question, temporary)
        if result.get("broken") == "":
            del result["broken"]
        elif "broken" in result:
            result["broken"] += "\n" + _tail(Path(temporary) / "output")
    except BaseException:
        result = {"broken": traceback.format_exc()}
    data = json.dumps(result).encode()
    while data:
        data = data[os.write(writable, data) :]
    os.close(writable)
    # What fixtures leave to the end of the process, such as a database server.
    try:
        atexit._run_exitfuncs()
    finally:
        os._exit(0)


def _import(question: dict[str, Any]) -> dict[str, Any]:
    sys.path[:0] = question["path"]
    for name in question["modules"]:
        try:
            importlib.import_module(name)
        except BaseException as error:
            return {"broken": f"{name} cannot be imported any more: {error!r}"}
    return {"red": [], "passed": question["modules"]}


def _confirm() -> None:
    """Record every translation as compared, as the author of a careless edit would."""
    from apparch.pages.promised import parity
    from apparch.pages.written.site import load_site

    parity.confirm(load_site(Path.cwd()), ["all"])


def _pytest(question: dict[str, Any], temporary: str) -> dict[str, Any]:
    import pytest

    listener = _Listener()
    # Collecting all garbage to look for warnings, as the last two do, would take longer than most proofs.
    unwanted = ("cacheprovider", "xdist", "cov", "unraisableexception", "threadexception")
    options = [option for name in unwanted for option in ("-p", f"no:{name}")]
    quiet = ["-q", "-W", "ignore::pytest.PytestAssertRewriteWarning", "--basetemp", f"{temporary}/t"]
    code = pytest.main([*options, *quiet, *question["arguments"]], plugins=[listener])
    return listener.result(int(code))


class _Listener:
    def __init__(self) -> None:
        self.red: list[dict[str, Any]] = []
        self.passed: list[str] = []
        self.skipped: list[str] = []
        self.broken: list[str] = []
        self.items: dict[str, list[str]] = {}
        self.types: dict[str, str] = {}

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed:
            self.broken.append(f"{report.nodeid or 'collection'}: {str(report.longrepr)[-MESSAGE:]}")

    def pytest_collection_finish(self, session: Any) -> None:
        for item in session.items:
            self.items[item.nodeid] = [rule for mark in item.iter_markers("rule") for rule in mark.args]

    def pytest_runtest_makereport(self, item: Any, call: Any) -> None:
        if call.excinfo is not None:
            self.types[item.nodeid] = call.excinfo.typename

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed:
            crash = getattr(report.longrepr, "reprcrash", None)
            message = str(crash.message if crash else report.longrepr)[:MESSAGE]
            if report.when == "teardown":
                return
            if report.when == "setup" and self.types.get(report.nodeid) in NOT_THE_PRODUCT:
                self.broken.append(f"{report.nodeid}: in setup: {message}")
            else:
                rules = self.items.get(report.nodeid, [])
                self.red.append({"id": report.nodeid, "when": report.when, "message": message, "rules": rules})
        elif report.skipped:
            self.skipped.append(report.nodeid)
        elif report.when == "call":
            self.passed.append(report.nodeid)

    def result(self, code: int) -> dict[str, Any]:
        if code not in (0, 1) and not self.broken and not (code == 5 and not self.items):
            self.broken.append(f"pytest ended with {code}")
        if not self.items and not self.broken:
            self.broken.append("no such test")
        return {
            "red": self.red,
            "passed": self.passed,
            "skipped": self.skipped,
            "items": self.items,
            "broken": "\n".join(self.broken),
        }


def _read(pipe: int, limit: float) -> str | None:
    """All that comes through the pipe, or None when the time is over."""
    deadline, parts = time.monotonic() + limit, list[bytes]()
    while True:
        ready, _, _ = select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))
        part = os.read(pipe, 65536) if ready else None
        if part:
            parts.append(part)
            continue
        os.close(pipe)
        return None if part is None else b"".join(parts).decode()


def _end(child: int) -> None:
    """Wait a moment for the child's own end, then end all that it left running."""
    import psutil  # type: ignore[import-untyped]

    deadline = time.monotonic() + 10
    while os.waitpid(child, os.WNOHANG) == (0, 0):
        if time.monotonic() > deadline:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            break
        time.sleep(0.005)
    left = psutil.Process().children(recursive=True)
    for process in left:
        process.terminate()
    _, alive = psutil.wait_procs(left, timeout=5)
    for process in alive:
        process.kill()
    psutil.wait_procs(alive, timeout=5)


def _adopt_orphans() -> None:
    """Become the parent of what a run leaves behind, so that it can be found and ended."""
    pr_set_child_subreaper = 36
    ctypes.CDLL(None).prctl(pr_set_child_subreaper, 1, 0, 0, 0)


def _tail(file: Path) -> str:
    return file.read_text("utf-8", "replace")[-2000:] if file.is_file() else ""


if __name__ == "__main__":
    raise SystemExit(main())
