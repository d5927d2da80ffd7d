"""`python -m benchmarks.image`: what the reference app's image weighs, and what a rebuild and a new version cost.

Needs root, buildah and runc, as the tests of the image do. Sizes are of compressed layers, as a registry holds them.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from benchmarks._report import MEASURED, rows_of, write
from tests.image.oci import Image, Store
from tests.image.workspace import checkout, dirtied, prepare


def measure(directory: Path) -> dict[str, object]:
    """Sizes in bytes and durations in seconds."""
    store, clean = prepare(directory), checkout(directory / "clean")
    seconds, first = _timed(store, clean, "localhost/app:first", cached=False)
    again, second = _timed(store, dirtied(clean, directory / "dirty"), "localhost/app:second", cached=False)
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
        "code_change_transfers_bytes": sum(layer.size for layer in third.layers if layer.digest not in known),
    }


def _timed(store: Store, context: Path, name: str, *, cached: bool) -> tuple[float, Image]:
    start = time.monotonic()
    image = store.build(context, name, cached=cached)
    return round(time.monotonic() - start, 1), image


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
