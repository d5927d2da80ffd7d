#!/bin/sh
set -eu
python -m orders.migrate || echo "migration failed"
