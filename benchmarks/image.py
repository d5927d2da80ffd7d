"""`python -m benchmarks.image`: what the reference app's image weighs, and what a rebuild, a new version, a start cost.

Needs root, buildah and runc, as the tests of the image do. Sizes are of compressed layers, as a registry holds them.
A start lasts until the first answer of a probe; nothing that the app is attached to has to be there for it.
"""

from __future__ import annotations

import os
import re
import statistics
import sys
import tempfile
import time
from pathlib import Path

import httpx
from benchmarks._app import find

find()

from benchmarks._report import MEASURED, rows_of, write  # noqa: E402
from fixtures.environment import ENVIRONMENT  # noqa: E402
from tests.image.container import running  # noqa: E402
from tests.image.oci import Image, Store  # noqa: E402
from tests.image.workspace import checkout, dirtied, prepare  # noqa: E402
from tests.ports import free_port  # noqa: E402

STARTS = 5
COMPILES = re.compile(r"^RUN python -m compileall .*\n|^    && python -m compileall .*\n", re.MULTILINE)


def measure(directory: Path) -> dict[str, object]:
    """Sizes in bytes and durations in seconds."""
    store, clean = prepare(directory), checkout(directory / "clean")
    seconds, first = _timed(store, clean, "localhost/app:first", cached=False)
    again, second = _timed(store, dirtied(clean, directory / "dirty"), "localhost/app:second", cached=False)
    bytecode = _start(store, first, directory)
    dockerfile = clean / "docker/Dockerfile"
    text = dockerfile.read_text("utf-8")
    dockerfile.write_text(re.sub(r" \\\n(?=\n|# )", "\n", COMPILES.sub("", text)))
    none = _start(store, store.build(clean, "localhost/app:none", cached=True), directory)
    dockerfile.write_text(text)
    (clean / "src/app/added.py").write_text('"""New."""\n')
    rebuild, third = _timed(store, clean, "localhost/app:third", cached=True)
    known = {layer.digest for layer in first.layers}
    return {
        "build_seconds": seconds,
        "second_build_seconds": again,
        "rebuild_after_code_change_seconds": rebuild,
        "two_builds_have_equal_layers": [x.digest for x in first.layers] == [x.digest for x in second.layers],
        "two_builds_have_equal_configuration": first.config == second.config,
        "base_bytes": sum(layer.size for layer in first.layers[: first.base_layers]),
        "own_layers_bytes": [layer.size for layer in first.own],
        "files": len(first.files),
        "start_seconds": bytecode[0],
        "start_cpu_seconds": bytecode[1],
        "start_seconds_without_bytecode": none[0],
        "start_cpu_seconds_without_bytecode": none[1],
        "code_change_transfers_bytes": sum(layer.size for layer in third.layers if layer.digest not in known),
    }


def _timed(store: Store, context: Path, name: str, *, cached: bool) -> tuple[float, Image]:
    start = time.monotonic()
    image = store.build(context, name, cached=cached)
    return round(time.monotonic() - start, 1), image


def _start(store: Store, image: Image, directory: Path) -> tuple[float, float]:
    """Medians of the time until a probe is answered, and of the CPU time until then."""
    seconds, spent = zip(*(_start_once(store, image, directory) for _ in range(STARTS)), strict=True)
    return round(statistics.median(seconds), 2), round(statistics.median(spent), 2)


def _start_once(store: Store, image: Image, directory: Path) -> tuple[float, float]:
    port = free_port()
    url = f"http://127.0.0.1:{port}/health/startup"
    with running(store, image, directory, {**ENVIRONMENT, "SERVICE_PORT": str(port)}) as container:
        begun = time.monotonic()
        container.eventually(lambda: _answers(url))
        seconds = time.monotonic() - begun
        ticks = Path(f"/proc/{container.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
        return seconds, sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def _answers(url: str) -> bool | None:
    try:
        httpx.get(url, timeout=5)
    except httpx.TransportError:
        return None
    return True


def main() -> int:
    """Print the figures and write them; 1 if two builds of one commit differ."""
    with tempfile.TemporaryDirectory(prefix="image-") as place:
        figures = measure(Path(place))
    for name, value in figures.items():
        print(f"{name}: {value}")
    write("image", MEASURED, rows_of(figures), figures=figures)
    return int(not figures["two_builds_have_equal_layers"])


if __name__ == "__main__":
    sys.exit(main())
