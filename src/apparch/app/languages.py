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
    sources: tuple[str, ...] = ("src",)
    """The folders at the root that hold its source."""
    root: tuple[str, ...] = ()
    """What else its tools want at the root, as patterns of file names."""
    tests_beside: bool = False
    """Whether its tests stand beside the source that they test, or where its build tool has them."""


LANGUAGES = (
    Language(
        "python",
        frozenset({".py"}),
        ("pyproject.toml", "setup.py", "setup.cfg", "Pipfile", "*requirements*.txt", "requirements*.in"),
        ("uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "pylock.toml", "pixi.lock", "*requirements*.txt"),
        root=("pylock.*.toml", ".python-version", "MANIFEST.in"),
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
        sources=("src", "app", "lib", "server", "packages"),
        root=(
            *("tsconfig*.json", "jsconfig.json", "pnpm-workspace.yaml", "lerna.json", "nx.json", "turbo.json"),
            *("next.config.*", "next-env.d.ts", "vite.config.*", "nuxt.config.*", "svelte.config.*", "astro.config.*"),
            *("nest-cli.json", "angular.json", "index.html", "svelte.config.*", "remix.config.*"),
        ),
        tests_beside=True,
    ),
    Language(
        "go",
        frozenset({".go"}),
        ("go.mod",),
        ("go.sum",),
        ("cmd", "internal", "pkg", "src"),
        ("go.work", "go.work.sum"),
        tests_beside=True,
    ),
    Language(
        "java",
        frozenset({".java", ".kt", ".scala", ".groovy"}),
        ("pom.xml", "build.gradle", "build.gradle.kts", "build.sbt"),
        ("gradle.lockfile", "pom.xml", "buildscript-gradle.lockfile", "verification-metadata.xml"),
        root=(
            "mvnw",
            "mvnw.cmd",
            "gradlew",
            "gradlew.bat",
            "settings.gradle",
            "settings.gradle.kts",
            "gradle.properties",
        ),
        tests_beside=True,
    ),
    Language(
        "ruby",
        frozenset({".rb"}),
        ("Gemfile", "gems.rb"),
        ("Gemfile.lock", "gems.locked"),
        ("app", "lib", "src"),
        ("config.ru", "Rakefile", "*.gemspec"),
    ),
    Language(
        "rust",
        frozenset({".rs"}),
        ("Cargo.toml",),
        ("Cargo.lock",),
        ("src", "crates"),
        ("build.rs", "rust-toolchain*"),
        tests_beside=True,
    ),
    Language("php", frozenset({".php"}), ("composer.json",), ("composer.lock",), ("src", "app"), ("artisan",)),
    Language("elixir", frozenset({".ex", ".exs"}), ("mix.exs",), ("mix.lock",), ("lib", "apps"), (".formatter.exs",)),
    Language(
        "dotnet",
        frozenset({".cs", ".fs", ".vb"}),
        ("*.csproj", "*.fsproj"),
        ("packages.lock.json",),
        root=("*.sln", "*.slnx", "global.json", "nuget.config", "NuGet.Config", "Directory.*"),
    ),
)
OTHER_SOURCES = frozenset(
    {".c", ".cc", ".cpp", ".cxx", ".h", ".hpp", ".m", ".swift", ".erl", ".hs", ".ml", ".pl", ".pm", ".lua", ".clj"}
) | {".dart", ".zig", ".nim", ".jl", ".R", ".d"}
"""Endings of source, of languages as well of which no more is known here."""
