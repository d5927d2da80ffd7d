#!/bin/sh
set -eu
python -m orders.migrate --check
exec "$@"
