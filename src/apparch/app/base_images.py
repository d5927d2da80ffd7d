"""What is known of the base images that many build on: as whom they run, and whether they start anything."""

from __future__ import annotations

import re

_ROOT = frozenset(
    {"python", "node", "golang", "alpine", "debian", "ubuntu", "ruby", "openjdk", "eclipse-temurin",
     "amazoncorretto", "ibmjava", "maven", "gradle", "rust", "php", "perl", "elixir", "erlang", "haskell", "swift",
     "dart", "julia", "r-base", "httpd", "nginx", "busybox", "fedora", "rockylinux", "almalinux", "centos",
     "amazonlinux", "oraclelinux", "archlinux", "bash", "buildpack-deps", "tomcat", "composer", "clojure",
     "sapmachine", "caddy", "traefik", "docker", "oven/bun", "tiangolo/uvicorn-gunicorn-fastapi",
     "ghcr.io/astral-sh/uv", "mcr.microsoft.com/dotnet/aspnet", "mcr.microsoft.com/dotnet/runtime",
     "mcr.microsoft.com/dotnet/runtime-deps", "mcr.microsoft.com/dotnet/sdk", "mcr.microsoft.com/openjdk/jdk",
     "adoptopenjdk", "azul/zulu-openjdk", "azul/zulu-openjdk-alpine", "bellsoft/liberica-openjdk-alpine",
     "graalvm/native-image", "ghcr.io/graalvm/jdk", "ghcr.io/graalvm/native-image", "nvidia/cuda", "pytorch/pytorch",
     "tensorflow/tensorflow", "continuumio/miniconda3", "continuumio/anaconda3", "condaforge/mambaforge",
     "condaforge/miniforge3", "conda/miniconda3", "denoland/deno", "hexpm/elixir", "hexpm/erlang",
     "lukemathwalker/cargo-chef", "clux/muslrust", "rustlang/rust", "mcr.microsoft.com/playwright",
     "mcr.microsoft.com/playwright/python", "registry.access.redhat.com/ubi8/ubi",
     "registry.access.redhat.com/ubi9/ubi", "registry.access.redhat.com/ubi8/ubi-minimal",
     "registry.access.redhat.com/ubi9/ubi-minimal", "redhat/ubi8", "redhat/ubi9", "redhat/ubi8-minimal",
     "redhat/ubi9-minimal", "tiangolo/uwsgi-nginx-flask", "openresty/openresty", "dunglas/frankenphp",
     "crystallang/crystal", "nimlang/nim", "public.ecr.aws/amazonlinux/amazonlinux", "photon", "opensuse/leap",
     "phusion/baseimage", "mono", "quay.io/centos/centos", "opendevorg/python-base", "quay.io/opendevorg/python-base"}
)  # fmt: skip
"""Images that set no user, without registry and tag; of what is not here nothing is said."""
_STARTING = frozenset(
    {"httpd", "nginx", "tomcat", "caddy", "traefik", "docker", "tiangolo/uvicorn-gunicorn-fastapi"}
    | {"tiangolo/uwsgi-nginx-flask", "openresty/openresty", "dunglas/frankenphp", "phusion/baseimage"}
)
"""Those of them that start a server by themselves."""
_DISTRIBUTIONS = re.compile(
    r"(registry\.opensuse\.org/)?opensuse/\w+|(i386|arm32v7|arm64v8)/\w+|quay\.io/centos/centos"
)
_OPENJDK = re.compile(r"adoptopenjdk/\w+|(ubuntu|debian)/jre|balenalib/[\w-]+")
_DISTROLESS = "gcr.io/distroless/"
_OTHER_USER = re.compile(r"nonroot|chiseled|rootless|nanoserver|windowsservercore")
"""What the tag of an image says that does not run as root."""
_REGISTRIES = ("docker.io/", "public.ecr.aws/docker/", "mirror.gcr.io/", "registry-1.docker.io/")


def root_by_default(image: str | None) -> bool | None:
    """Whether an image that sets no user of its own runs as root; None where that is not known."""
    if image is None:
        return None
    name, tag = _parts(image)
    if image == "scratch":
        return True
    if name.startswith(_DISTROLESS):
        return "nonroot" not in image
    if _OTHER_USER.search(tag) or "unprivileged" in image:
        return None
    return True if name in _ROOT or _OPENJDK.fullmatch(name) else None


def starts_nothing(image: str | None) -> bool:
    """Whether an image is known to start no more than a shell or an interpreter's prompt by itself."""
    if image is None:
        return False
    name, tag = _parts(image)
    serves = name in _STARTING or (name == "php" and re.search(r"apache|fpm", tag))
    plain = name in _ROOT or name == "scratch" or name.startswith(_DISTROLESS) or _DISTRIBUTIONS.fullmatch(name)
    return bool(plain) and not serves


def _parts(image: str) -> tuple[str, str]:
    """An image's name without registry of Docker and digest, and its tag."""
    told = image.partition("@")[0]
    name, _, tag = told.rpartition(":") if ":" in told.rpartition("/")[2] else (told, "", "")
    for registry in _REGISTRIES:
        name = name.removeprefix(registry)
    return name.removeprefix("library/"), tag
