#!/bin/sh
# usage: database.sh [--dry-run] NAME
set -eu
run() { if [ "$dry" = yes ]; then echo "would run: $*"; else "$@"; fi; }
dry=no
[ "${1:-}" != --dry-run ] || { dry=yes; shift; }
run dropdb --host "$DB_HOST" --if-exists "$1"
run createdb --host "$DB_HOST" "$1"
