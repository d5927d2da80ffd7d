"""Build an image with buildah, without a network, and read what is in it."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.release.dockerfile import stages

BASE = "localhost/base:1"
# The builds of one commit share its time, as SOURCE_DATE_EPOCH does in the workflow.
EPOCH = 1_700_000_000


@dataclass(frozen=True)
class Layer:
    """One layer of an image: its digest, the size of its archive, and what files it brings."""

    digest: str
    size: int
    files: Mapping[str, bytes]


@dataclass(frozen=True)
class Image:
    """What a registry would hold: the image's configuration and its layers, the base's first."""

    name: str
    config: Mapping[str, Any]
    layers: Sequence[Layer]
    base_layers: int

    @property
    def own(self) -> Sequence[Layer]:
        """The layers that the Dockerfile added to its base."""
        return self.layers[self.base_layers :]

    @property
    def files(self) -> dict[str, bytes]:
        """Every file that the Dockerfile added, by path."""
        return {path: content for layer in self.own for path, content in layer.files.items()}


@dataclass(frozen=True)
class Store:
    """A place of its own for images, and the base and the wheels that every build here uses."""

    directory: Path
    wheels: Path

    def buildah(self, *arguments: str | Path) -> str:
        """Run buildah on this store; its output."""
        place = [f"--root={self.directory}/root", f"--runroot={self.directory}/run", "--storage-driver=overlay"]
        # What this machine tells pip is not to reach the build.
        env = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
        command: list[str | Path] = ["buildah", *place, *arguments]
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-4000:] + done.stdout[-4000:]
        return done.stdout.strip()

    def add_base(self, root: Path) -> None:
        """Enter a directory as the image that stands in for the Dockerfile's base."""
        container = self.buildah("from", "scratch")
        self.buildah("copy", "--quiet", container, root, "/")
        self.buildah("config", "--env", "PATH=/usr/local/bin:/usr/bin:/bin", container)
        self.buildah("commit", "--quiet", container, BASE)
        self.buildah("rm", container)

    def build(self, context: Path, name: str, *, cached: bool = False, target: str = "runtime") -> Image:
        """Build the Dockerfile of a context as it stands; only its base and the package index are local."""
        dockerfile = context / "docker/Dockerfile"
        outside = stages(dockerfile.read_text("utf-8"))[0].image
        offline = self.directory / "pip.conf"
        offline.write_text("[global]\nno-index = true\nfind-links = /wheels\n")
        self.buildah(
            "bud", "--quiet", "--isolation=chroot", "--layers", *([] if cached else ["--no-cache"]),
            f"--timestamp={EPOCH}", f"--build-context={outside}=container-image://{BASE}",
            f"--volume={self.wheels}:/wheels:ro", f"--volume={offline}:/etc/pip.conf:ro",
            f"--target={target}", f"--build-arg=SOURCE_DATE_EPOCH={EPOCH}", "--build-arg=REVISION=0123456",
            f"--file={dockerfile}", f"--tag={name}", context,
        )  # fmt: skip
        return self.read(name)

    def read(self, name: str) -> Image:
        """Write an image out in the OCI layout and read it back."""
        layout = self.directory / "layouts" / hashlib.sha256(os.urandom(16)).hexdigest()[:12]
        layout.parent.mkdir(exist_ok=True)
        self.buildah("push", "--quiet", name, f"oci:{layout}:image")
        index = json.loads((layout / "index.json").read_text("utf-8"))
        manifest = _blob(layout, index["manifests"][0]["digest"])
        layers = [_layer(layout, entry["digest"], entry["size"]) for entry in manifest["layers"]]
        return Image(name, _blob(layout, manifest["config"]["digest"]), layers, base_layers=1)

    @contextmanager
    def mounted(self, name: str) -> Iterator[Path]:
        """The image's root directory, as a container would see it."""
        container = self.buildah("from", name)
        try:
            yield Path(self.buildah("mount", container))
        finally:
            self.buildah("umount", container)
            self.buildah("rm", container)


def _blob(layout: Path, digest: str) -> Any:
    return json.loads((layout / "blobs" / digest.replace(":", "/")).read_text("utf-8"))


def _layer(layout: Path, digest: str, size: int) -> Layer:
    with tarfile.open(layout / "blobs" / digest.replace(":", "/")) as archive:
        files = {}
        for member in archive:
            content = archive.extractfile(member) if member.isfile() else None
            files[member.name] = content.read() if content else b""
    return Layer(digest, size, files)
