"""The image runs: as PID 1, as nobody, on a root that cannot be written, until it is told to stop."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx
import pytest
from tests.image.container import Container, run, running
from tests.image.oci import Image, Store
from tests.ports import free_port

pytestmark = pytest.mark.xdist_group("image")

STOPPING = {"PRESTOP_SECONDS": "0", "DRAIN_SECONDS": "1", "REQUEST_SECONDS": "5", "CLEANUP_SECONDS": "2"}
MIGRATE = ("python", "-m", "app.migrate")


@pytest.fixture(scope="module")
def migrated(
    store: Store, image: Image, attached: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """The environment of an app whose database this very image has migrated."""
    code, output = run(store, image, tmp_path_factory.mktemp("migrate"), attached, MIGRATE)
    assert code == 0, output
    return attached


@pytest.fixture
def container(store: Store, image: Image, migrated: Mapping[str, str], tmp_path: Path) -> Iterator[Container]:
    """The app in a container, ready."""
    port = free_port()
    environ = {**migrated, **STOPPING, "SERVICE_PORT": str(port)}
    with running(store, image, tmp_path, environ) as started:
        started.eventually(lambda: _ready(port))
        yield started


@pytest.mark.rule("OWN006", "TWF008", "IMG013")
def test_the_image_migrates_its_database_and_a_second_time_changes_nothing(
    store: Store, image: Image, migrated: Mapping[str, str], tmp_path: Path
) -> None:
    """`python -m app.migrate` in the image, on its read-only root, ends with 0 both times."""
    assert run(store, image, tmp_path, migrated, MIGRATE)[0] == 0


@pytest.mark.rule("IMG014", "DIR004")
def test_the_first_process_is_python_itself(container: Container) -> None:
    """No shell stands between the kubelet's signal and the app."""
    assert container.status()["NSpid"].split()[-1] == "1"
    command = Path(f"/proc/{container.pid}/cmdline").read_bytes().split(b"\0")
    assert command[:3] == [b"python", b"-m", b"app"]
    assert Path(f"/proc/{container.pid}/exe").readlink().name.startswith("python3.")


@pytest.mark.rule("IMG013")
def test_the_app_is_ready_as_nobody_on_a_root_that_nobody_can_write(container: Container) -> None:
    """The user is 10001 with no capability; a file in the root, the package or the home cannot be made."""
    status = container.status()
    assert status["Uid"].split() == ["10001"] * 4
    assert int(status["CapEff"], 16) == 0
    for place in ("/x", "/app/x", "/opt/app/app/x"):
        code, output = container.execute("/bin/touch", place)
        assert (code, "Read-only file system" in output) == (1, True)


@pytest.mark.rule("IMG014", "SHD007", "LOG003")
def test_sigterm_ends_the_container_with_zero(container: Container) -> None:
    """The app drains and stops by itself, and every line it wrote is a JSON object."""
    assert container.terminate() == 0
    output = container.process.stdout.read() if container.process.stdout else ""
    messages = [json.loads(line) for line in output.splitlines()]
    assert len(messages) > 0


@pytest.mark.rule("ENV006")
def test_without_its_environment_the_image_names_everything_that_is_missing(
    store: Store, image: Image, tmp_path: Path
) -> None:
    """The exit code is not zero, and one message has all the names."""
    code, output = run(store, image, tmp_path, {})
    assert code not in (0, 137)
    for name in ("DB_HOST", "DB_NAME", "DB_USER", "DB_PASSWORD", "REDIS_URL", "API_ENDPOINT", "API_KEY"):
        assert name in output


def _ready(port: int) -> bool | None:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health/ready").status_code == 200 or None
    except httpx.TransportError:
        return None


@pytest.mark.rule("IMG014")
def test_a_shell_form_command_would_put_a_shell_before_the_app(
    store: Store, context: Path, migrated: Mapping[str, str], tmp_path: Path
) -> None:
    """This is what exec form prevents: PID 1 is a shell with something left to do, and it passes no SIGTERM on."""
    dockerfile = context / "docker/Dockerfile"
    command = 'CMD ["python", "-m", "app"]'
    dockerfile.write_text(dockerfile.read_text("utf-8").replace(command, "CMD python -m app; echo ended"))
    port = free_port()
    image = store.build(context, "localhost/app:shell", cached=True)
    environ = {**migrated, **STOPPING, "SERVICE_PORT": str(port)}
    with running(store, image, tmp_path, environ) as started:
        started.eventually(lambda: _ready(port))
        assert Path(f"/proc/{started.pid}/exe").readlink().name == "busybox"
        with pytest.raises(subprocess.TimeoutExpired):
            started.terminate(patience=5)
