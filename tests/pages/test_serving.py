"""`./dev serve` as real processes: what it shows, what it runs beside, and that nothing is left when it ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import psutil  # type: ignore[import-untyped]
import pytest
from tests.pages.small import write_snippet
from tests.ports import free_port

from apparch.pages.proofs import Proofs, Run, write
from apparch.pages.proved.run_of_now import run_of_now

SRC = Path(__file__).parents[2] / "src"
RECORD = '{"blocks": [], "rules": {"IMG002": [{"test": "t", "kind": "run", "outcome": "passed"}]}}'
PROVES = f"""#!/bin/sh
echo "==> what proves quickly: $1 $2"
echo "....  [ 50%]"
mkdir -p build/serve
echo '{RECORD}' > build/serve/proofs.json
echo "....  [100%]"
"""
HANGS = """#!/bin/sh
sleep 300 &
echo $! > child
echo "==> what proves quickly"
sleep 300
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with one page, and proofs that are over at once."""
    write_snippet(tmp_path, "mkdocs.yml", "site_name: small\nplugins: []\n")
    write_snippet(tmp_path, "docs/index.md", "# A page\n")
    return with_proofs(tmp_path, PROVES)


def with_proofs(root: Path, script: str) -> Path:
    """The project with these proofs."""
    write_snippet(root, "dev", script)
    (root / "dev").chmod(0o755)
    return root


class Served:
    """A command that serves, its output line by line."""

    def __init__(self, root: Path, *options: str) -> None:
        self.address = f"127.0.0.1:{free_port()}"
        self.lines: list[str] = []
        environ = os.environ | {"PYTHONPATH": str(SRC), "NO_MKDOCS_2_WARNING": "1", "DISABLE_MKDOCS_2_WARNING": "true"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "apparch.pages.serving", "--dev-addr", self.address, *options],
            cwd=root, env=environ, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def until(self, text: str) -> None:
        """Read until a line holds a text."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip())
            if text in line:
                return
        pytest.fail(f"ended without {text!r}: {self.lines}")

    def ended(self, number: signal.Signals) -> int:
        """The exit code after a signal; everything that it started has to be gone."""
        family = psutil.Process(self.process.pid).children(recursive=True)
        self.process.send_signal(number)
        rest, _ = self.process.communicate(timeout=60)
        self.lines += rest.splitlines()
        _, alive = psutil.wait_procs(family, timeout=60)
        assert [] == alive
        return self.process.returncode


@pytest.fixture
def serve() -> Iterator[type[Served]]:
    """Starts what serves; what a failed test leaves is ended."""
    started: list[Served] = []

    class Kept(Served):
        def __init__(self, root: Path, *options: str) -> None:
            super().__init__(root, *options)
            started.append(self)

    yield Kept
    for each in started:
        if each.process.poll() is None:
            each.process.terminate()
            each.process.communicate(timeout=60)


def test_the_site_is_shown_before_anything_is_proved(root: Path, serve: type[Served]) -> None:
    """The page answers, then the quick proofs run with their progress and what they proved."""
    served = serve(root)
    served.until("Serving on")
    page = urlopen(f"http://{served.address}/").read().decode()
    served.until("built again")

    assert "A page" in page
    assert ["proofs.json"] == [file.name for file in (root / "build/serve").iterdir()]
    assert ["==> proofs: what proves quickly: test quick (0 s)"] == [
        line for line in served.lines if "quickly" in line
    ][:1]
    assert served.lines[-1].startswith("==> proofs: 0 blocks and 1 rules proved (")


def test_without_proofs_nothing_runs_beside(root: Path, serve: type[Served]) -> None:
    """--no-proofs shows the site and nothing else."""
    served = serve(root, "--no-proofs")
    served.until("Serving on")
    time.sleep(1)
    code = served.ended(signal.SIGINT)

    assert 130 == code
    assert not (root / "build/serve").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_both(root: Path, serve: type[Served], number: signal.Signals) -> None:
    """Ctrl-C, a kill or a closed terminal ends the site and the proofs with all that these started."""
    served = serve(with_proofs(root, HANGS))
    served.until("what proves quickly")
    code = served.ended(number)

    assert 128 + number == code
    assert not psutil.pid_exists(int((root / "child").read_text()))


def test_a_taken_address_is_one_line(root: Path, serve: type[Served]) -> None:
    """Where another program has the port, one line says so and what to do."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        address = f"127.0.0.1:{other.getsockname()[1]}"
        served = serve(root, "--dev-addr", address)
        said, _ = served.process.communicate(timeout=60)

    assert 1 == served.process.returncode
    assert 1 == said.count("\n")
    assert said.startswith(f"{address} cannot be served at (Address already in use): end what uses it, or name another")


def test_a_site_that_cannot_be_built_ends_with_its_reason(root: Path, serve: type[Served]) -> None:
    """Where the site itself fails, nothing is proved and the command fails."""
    write_snippet(root, "mkdocs.yml", "site_name: small\nnav: 7\n")
    served = serve(root)
    said, _ = served.process.communicate(timeout=60)

    assert 1 == served.process.returncode
    assert "'nav'" in said
    assert "proofs" not in said


def test_failures_are_told(root: Path, serve: type[Served]) -> None:
    """A proof that fails is named, and the site goes on."""
    served = serve(with_proofs(root, "#!/bin/sh\necho 'FAILED tests/test_a.py::test_a'\nexit 1\n"))
    served.until("says what")

    assert "    FAILED tests/test_a.py::test_a" in served.lines
    assert served.process.poll() is None


def test_a_record_of_these_very_files_is_shown_as_it_is(root: Path, serve: type[Served]) -> None:
    """What the long run proved of the same commit does not run again."""
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b.example"]
    write_snippet(root, ".gitignore", "build\n")
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "start"]):
        subprocess.run([*git, *command], cwd=root, check=True)
    now = run_of_now(root)
    write(
        Proofs(recorded=True, runs=(Run("2026-11-27T18:00:00+00:00", now.commit, False),)), root / "build/proofs.json"
    )
    served = serve(root)
    served.until("==> proofs")

    assert (
        "==> proofs: build/proofs.json is of these very files (2026-11-27T18:00:00+00:00); it is shown"
        in served.lines[-1]
    )
