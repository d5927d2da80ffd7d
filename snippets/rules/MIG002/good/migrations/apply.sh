#!/bin/sh
set -eu
alembic upgrade head || { echo "migration failed" >&2; exit 1; }
