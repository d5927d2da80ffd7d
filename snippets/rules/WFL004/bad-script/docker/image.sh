#!/bin/sh
set -eu
docker build --file docker/Dockerfile --tag "ghcr.io/example/orders:sha-$GITHUB_SHA" .
if [ ! -d out ]; then
  mkdir out
fi
docker push "ghcr.io/example/orders:sha-$GITHUB_SHA"
