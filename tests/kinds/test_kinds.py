"""Which kind of repository one is."""

from __future__ import annotations

from pathlib import Path

import pytest

from apparch.kinds import kinds_of
from apparch.repository import Repository

MAIN = "print()\n"
DOCKER = "FROM python@sha256:0\n"
SOURCES = "FROM golang@sha256:0\nCOPY . .\nRUN go install golang.org/x/lint@latest\n"
MOUNTED = 'FROM opensuse/leap:15\nRUN zypper install -y gcc\nENTRYPOINT ["./docker/build.sh"]\n'
BESIDE = "FROM golang@sha256:0 AS build\nCOPY . .\nRUN make\nFROM registry:2 AS registry\n"
TOOLS = "FROM golang@sha256:0\nRUN go install golang.org/x/lint@latest\n"
DEPLOYMENT = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\n"
APPLICATION = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}\n"
KUSTOMIZATION = "resources: [a.yaml]\n"

SHAPES: dict[str, tuple[dict[str, str], list[tuple[str, str]]]] = {
    "app": ({"docker/Dockerfile": DOCKER, "src/a.py": MAIN}, [("app", "")]),
    "app, Dockerfile at the root": ({"Dockerfile": DOCKER, "main.go": "package main\n"}, [("app", "")]),
    "app, Dockerfile below build/package": ({"build/package/Dockerfile": DOCKER, "cmd/a/main.go": ""}, [("app", "")]),
    "a library tried in a browser": ({".gitpod.Dockerfile": DOCKER, "src/a.py": MAIN}, []),
    "app by its workflow": (
        {".github/workflows/a.yml": "steps: [{uses: docker/build-push-action@v6}]\n", "src/a.ts": ""},
        [("app", "")],
    ),
    "app in a language of which no more is known": (
        {"docker/debian/Dockerfile": DOCKER, "src/main.c": ""},
        [("app", "")],
    ),
    "app whose images are made by scripts": (
        {"scripts/docker/alpine/Dockerfile": DOCKER, "src/main.go": ""},
        [("app", "")],
    ),
    "two apps": (
        {"a/Dockerfile": DOCKER, "a/main.go": "", "b/Dockerfile": DOCKER, "b/main.go": "", "README.md": ""},
        [("app", "a"), ("app", "b")],
    ),
    "overlays": ({"k8s/overlays/production/kustomization.yaml": KUSTOMIZATION}, [("deploy", "")]),
    "plain manifests": ({"web/deployment.yaml": DEPLOYMENT}, [("deploy", "")]),
    "Argo CD": ({"apps/a.yaml": APPLICATION}, [("deploy", "")]),
    "an app of apps as a chart": (
        {"argo/Chart.yaml": "name: a\n", "argo/templates/a.yaml": APPLICATION, "base/db/Chart.yaml": "name: db\n"},
        [("deploy", "")],
    ),
    "charts with environments": (
        {"a/Chart.yaml": "name: a\n", "a/values-prod.yaml": "", "a/values-staging.yaml": ""},
        [("deploy", "")],
    ),
    "a chart with the values of an environment in a folder": (
        {"charts/a/Chart.yaml": "name: a\n", "environments/dev/a.yaml": "image: {tag: v1}\n"},
        [("deploy", "")],
    ),
    "both": (
        {"Dockerfile": DOCKER, "src/a.py": MAIN, "deploy/overlays/prod/kustomization.yaml": KUSTOMIZATION},
        [("app", ""), ("deploy", "deploy")],
    ),
    "a library": ({"pyproject.toml": "", "src/a.py": MAIN}, []),
    "a library with a development container": ({".devcontainer/Dockerfile": DOCKER, "src/a.py": MAIN}, []),
    "a library with tests in containers": ({"tests/Dockerfile": DOCKER, "src/a.py": MAIN}, []),
    "a tool that CI builds in images of its own": ({"ci/docker/arm/Dockerfile": DOCKER, "src/main.rs": ""}, []),
    "a library with images for its tests": (
        {"contrib/Dockerfile.test": DOCKER, "integration/images/volume/Dockerfile": DOCKER, "client.go": ""},
        [],
    ),
    "a library that a workflow tests in an image": (
        {".github/workflows/a.yml": "steps: [{run: podman build -t x -f contrib/Dockerfile.test .}]\n", "a.go": ""},
        [],
    ),
    "a library that is built into files": (
        {".github/workflows/a.yml": "steps: [{run: docker buildx build -o releases/ .}]\n", "a.go": ""},
        [],
    ),
    "a library whose workflow speaks of an image": ({".github/workflows/a.yml": "# no docker build\n", "a.go": ""}, []),
    "a server with a container to develop it in": ({"dev/docker/Dockerfile": DOCKER, "src/a.py": MAIN}, []),
    "a library with manifests among its tests": ({"tests/k8s/a.yaml": DEPLOYMENT, "src/a.py": MAIN}, []),
    "a tool that shows manifests": (
        {"go.mod": "module a\n", "cmd/a/main.go": "package main\n", "manifests/a.yaml": DEPLOYMENT},
        [],
    ),
    "playbooks with a manifest": (
        {"k8s/a.yaml": DEPLOYMENT, **{f"roles/{each}/tasks/main.yml": "- name: a\n" for each in range(12)}},
        [],
    ),
    "a tool whose source is called as a Dockerfile": ({"cmd/a/dockerfile.go": "package a\n"}, []),
    "a library with an image to try it": ({"tools/Dockerfile": DOCKER, "lib/a.rb": ""}, []),
    "two apps with manifests beside them": (
        {"a/Dockerfile": DOCKER, "a/main.go": "", "b/Dockerfile": DOCKER, "b/main.go": "", "infra/a.yaml": DEPLOYMENT},
        [("app", "a"), ("app", "b"), ("deploy", "infra")],
    ),
    "manifests with a script": (
        {"package.json": "{}", "scripts/check.js": "", "web/deployment.yaml": DEPLOYMENT},
        [("deploy", "")],
    ),
    "documents": ({"README.md": "", "docs/a.md": ""}, []),
    "a repository of charts": ({"charts/a/Chart.yaml": "name: a\n", "ct.yaml": "chart-dirs: [charts]\n"}, []),
    "a library that makes projects": ({"lib/project_template/Dockerfile": DOCKER, "lib/a.py": MAIN}, []),
    "a library with an image to build in": ({"Dockerfile": TOOLS, "main.go": "package main\n"}, []),
    "a library with an image to test it in": ({"Dockerfile": SOURCES, "main.go": "package main\n"}, []),
    "a library with an image to package it in": ({"packaging/rpm/Dockerfile": DOCKER, "main.go": ""}, []),
    "a library with an image that works on what is mounted": ({"docker/Dockerfile": MOUNTED, "main.go": ""}, []),
    "a library that carries images for others": ({"lib/a/resources/docker/Dockerfile": DOCKER, "lib/a.py": ""}, []),
    "a library that is tried beside a registry": ({"Dockerfile": BESIDE, "main.go": ""}, []),
    "a template": ({"copier.yml": "", "template/Dockerfile": DOCKER, "template/main.py": MAIN}, []),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_repository_is_what_its_files_show(shape: str) -> None:
    """Each shape has its parts."""
    files, expected = SHAPES[shape]
    assert [(each.kind, each.directory) for each in kinds_of(Repository.of(files)).parts] == expected


@pytest.mark.parametrize("shape", [name for name, (_, parts) in SHAPES.items() if not parts])
def test_what_is_neither_is_said(shape: str) -> None:
    """In both languages."""
    neither = kinds_of(Repository.of(SHAPES[shape][0])).neither
    assert bool(neither and neither.ko and neither.en) is True


@pytest.mark.parametrize("text", ["\n" * 50_000, " " * 50_000, "def create_app():\n" * 3_000, "a." * 25_000])
@pytest.mark.parametrize("path", ["app.py", "site.yml", "index.php", "app.yaml"])
def test_a_text_that_makes_patterns_slow_is_read_all_the_same(path: str, text: str) -> None:
    """No pattern goes back and forth over it, which would take minutes."""
    assert kinds_of(Repository.of({path: text, "lib/a.py": ""})).parts == ()


def test_a_kind_that_is_given_is_believed() -> None:
    """Whatever the files look like."""
    found = kinds_of(Repository.of({"README.md": ""}), "deploy")
    assert [(each.kind, each.directory) for each in found.parts] == [("deploy", "")]


def test_directories_that_are_given_are_the_parts() -> None:
    """Each apart from the others in it."""
    files = {"a/Dockerfile": DOCKER, "k8s/a.yaml": DEPLOYMENT}
    found = kinds_of(Repository.of(files), app_dirs=["./"], deploy_dirs=["k8s/"])
    assert [(each.kind, each.directory, each.without) for each in found.parts] == [
        ("app", "", ("k8s",)),
        ("deploy", "k8s", ()),
    ]


def test_evidence_is_a_file_that_is_there() -> None:
    """It is shown with the kind."""
    found = kinds_of(Repository.of(SHAPES["app"][0]))
    assert [str(each.place) for each in found.parts[0].evidence] == ["docker/Dockerfile:1", "src/a.py:1"]


def test_a_dockerfile_may_be_a_link(tmp_path: Path) -> None:
    """What a link leads to is not read, and the repository is an app all the same."""
    (tmp_path / "contrib/docker").mkdir(parents=True)
    (tmp_path / "contrib/docker/Dockerfile").write_text(DOCKER, "utf-8")
    (tmp_path / "main.go").write_text("package main\n", "utf-8")
    (tmp_path / "Dockerfile").symlink_to("contrib/docker/Dockerfile")
    assert [(each.kind, each.directory) for each in kinds_of(Repository(tmp_path)).parts] == [("app", "")]
