#!/bin/sh
set -eu
docker buildx build --push --sbom=true --file docker/Dockerfile --tag "ghcr.io/$GITHUB_REPOSITORY:sha-$(git rev-parse --short HEAD)" .
