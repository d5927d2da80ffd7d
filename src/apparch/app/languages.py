"""The languages that apps are written in: how their source, manifests and locks are named."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Language:
    """One language and its ecosystem."""

    name: str
    endings: frozenset[str]
    """Of its source files."""
    manifests: tuple[str, ...]
    """The files that declare a package's dependencies, as patterns of file names."""
    locks: tuple[str, ...]
    """The files that lock them."""


LANGUAGES = (
    Language(
        "python",
        frozenset({".py"}),
        ("pyproject.toml", "setup.py", "setup.cfg", "Pipfile", "requirements*.txt", "requirements*.in"),
        ("uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "pylock.toml", "pixi.lock", "requirements*.txt"),
    ),
    Language(
        "javascript",
        frozenset({".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".jsx", ".tsx", ".vue", ".svelte"}),
        ("package.json", "deno.json", "deno.jsonc"),
        (
            "package-lock.json",
            "npm-shrinkwrap.json",
            "yarn.lock",
            "pnpm-lock.yaml",
            "bun.lock",
            "bun.lockb",
            "deno.lock",
        ),
    ),
    Language("go", frozenset({".go"}), ("go.mod",), ("go.sum",)),
    Language(
        "java",
        frozenset({".java", ".kt", ".scala", ".groovy"}),
        ("pom.xml", "build.gradle", "build.gradle.kts", "build.sbt"),
        ("gradle.lockfile", "pom.xml", "buildscript-gradle.lockfile", "verification-metadata.xml"),
    ),
    Language("ruby", frozenset({".rb"}), ("Gemfile", "gems.rb"), ("Gemfile.lock", "gems.locked")),
    Language("rust", frozenset({".rs"}), ("Cargo.toml",), ("Cargo.lock",)),
    Language("php", frozenset({".php"}), ("composer.json",), ("composer.lock",)),
    Language("elixir", frozenset({".ex", ".exs"}), ("mix.exs",), ("mix.lock",)),
    Language("dotnet", frozenset({".cs", ".fs", ".vb"}), ("*.csproj", "*.fsproj"), ("packages.lock.json",)),
)
