#!/bin/sh
set -eu
pg_restore --host db.prod.internal --dbname app "$1"
