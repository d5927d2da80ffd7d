#!/bin/sh
set -eu
docker build --file docker/Dockerfile --tag "ghcr.io/example/orders:sha-$GITHUB_SHA" .
if [ "${DRY_RUN:-true}" = "true" ]; then
  echo "nothing is sent away"
else
  docker push "ghcr.io/example/orders:sha-$GITHUB_SHA"
fi
