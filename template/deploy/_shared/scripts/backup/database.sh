#!/usr/bin/env bash
# Dumps the database that PGHOST, PGUSER, PGDATABASE and PGPASSFILE name. It may stay in use meanwhile.
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
options "$@"
need BACKUP_TARGET PGHOST PGUSER PGDATABASE
target /

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
pg_dump --format=custom --no-owner --no-privileges --file "$work/dump"
# What cannot be listed cannot be restored.
pg_restore --list "$work/dump" >/dev/null
save "database-$PGDATABASE" dump <"$work/dump"
