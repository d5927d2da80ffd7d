#!/bin/sh
set -eu
# pip install happens in the build
python -m orders.migrate --check
exec "$@"
