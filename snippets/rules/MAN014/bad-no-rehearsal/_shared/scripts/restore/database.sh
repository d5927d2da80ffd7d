#!/bin/sh
set -eu
dropdb --host "$DB_HOST" "$1"
createdb --host "$DB_HOST" "$1"
