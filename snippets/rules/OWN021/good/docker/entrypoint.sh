#!/bin/sh
set -eu
until curl -fsS -o /dev/null "http://${DB_PROXY:-localhost}:9090/ready"; do sleep 1; done
exec "$@"
