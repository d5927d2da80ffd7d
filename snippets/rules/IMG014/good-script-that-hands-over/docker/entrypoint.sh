#!/bin/sh
set -eu
if [ "${1#-}" != "$1" ]; then
  set -- python -m orders "$@"
fi
exec "$@"
