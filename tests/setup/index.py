"""A package index made for a test: small wheels, and newer releases than every pin, served on the loopback."""

from __future__ import annotations

import base64
import hashlib
import http.server
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

BACKEND = """
import base64, hashlib, pathlib, zipfile

def build_editable(folder, config_settings=None, metadata_directory=None):
    name = "tiny_project-1.0-py3-none-any.whl"
    info = "tiny_project-1.0.dist-info"
    with zipfile.ZipFile(pathlib.Path(folder, name), "w") as wheel:
        wheel.writestr("tiny_project.pth", str(pathlib.Path.cwd()))
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\\nName: tiny-project\\nVersion: 1.0\\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(f"{info}/RECORD", "")
    return name

build_wheel = build_editable
"""


@dataclass(frozen=True)
class Release:
    """One version of a package, and what its metadata say that it depends on."""

    name: str
    version: str
    requires: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    code: str = ""


PINNED = (
    Release("tiny-backend", "1.0", code=BACKEND),
    Release("cover", "1.0", ('toml-reader>=1; extra == "toml"',), ("toml",)),
    Release("cover-plugin", "1.0", ("cover[toml]>=1.0",)),
    Release("toml-reader", "1.0"),
)
"""As a test tool that asks for an extra of a package which is pinned beside it."""
CARRIER = Release("carrier", "1.0", ("never-wanted>=1",))
"""A wheel that is used for what it carries; what it depends on is on no index."""
NEWER = tuple(Release(each.name, "99.0", each.requires, each.extras, "raise SystemExit('too new')")
              for each in (*PINNED, CARRIER, Release("pip", "26.3")))  # fmt: skip


@dataclass
class Index:
    """A folder of wheels behind an address, with what it was asked for."""

    folder: Path
    asked: list[str] = field(default_factory=list)
    port: int = 0

    @property
    def address(self) -> str:
        """What a user gives pip."""
        return f"http://127.0.0.1:{self.port}/simple"

    def add(self, release: Release) -> str:
        """Publish a release; the line that pins it."""
        file = make_wheel(release, self.folder / "simple" / release.name)
        return f"{release.name}=={release.version} \\\n    --hash=sha256:{digest(file)}\n"

    def add_file(self, name: str, file: Path) -> None:
        """Publish a wheel that is there."""
        target = self.folder / "simple" / name / file.name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.read_bytes())


def make_wheel(release: Release, folder: Path) -> Path:
    """Write a wheel with one module; built anew, it has the same bytes."""
    module, version = release.name.replace("-", "_"), release.version
    file = folder / f"{module}-{version}-py3-none-any.whl"
    info = f"{module}-{version}.dist-info"
    metadata = ["Metadata-Version: 2.1", f"Name: {release.name}", f"Version: {version}"]
    metadata += [f"Provides-Extra: {extra}" for extra in release.extras]
    metadata += [f"Requires-Dist: {requirement}" for requirement in release.requires]
    content = {
        f"{module}.py": release.code,
        f"{info}/METADATA": "\n".join(metadata) + "\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = [f"{name},sha256={_urlsafe(text)},{len(text.encode())}" for name, text in content.items()]
    content[f"{info}/RECORD"] = "\n".join([*record, f"{info}/RECORD,,", ""])
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(file, "w") as wheel:
        for name, text in content.items():
            wheel.writestr(zipfile.ZipInfo(name), text)
    return file


def digest(file: Path) -> str:
    """The file's SHA-256."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


@contextmanager
def served(folder: Path) -> Iterator[Index]:
    """The folder as an index on a port of its own, until the end."""
    index = Index(folder)

    class Handler(http.server.SimpleHTTPRequestHandler):
        """Serves files, and notes what for."""

        def log_message(self, format: str, *args: object) -> None:
            index.asked.append(self.path)

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=folder)) as server:
        index.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield index
        finally:
            server.shutdown()
            thread.join()


def _urlsafe(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
