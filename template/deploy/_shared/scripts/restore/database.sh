#!/usr/bin/env bash
# Restores the newest dump (or the named one) into the empty database that PGHOST, PGUSER and PGDATABASE name, all or nothing.
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
options "$@"
need BACKUP_TARGET PGHOST PGUSER PGDATABASE

tables=$(psql --no-align --tuples-only --command "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
[[ $tables == 0 ]] || die "$PGDATABASE on $PGHOST has $tables tables: restore into an empty database, then point the app to it"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fetch "database-${SOURCE_DATABASE:-$PGDATABASE}" dump >"$work/dump"
run pg_restore --dbname "$PGDATABASE" --no-owner --no-privileges --single-transaction --exit-on-error "$work/dump"
[[ $DRY_RUN != true ]] || exit 0
say "restored: $(psql --no-align --tuples-only --command "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") tables"
