#!/usr/bin/env bash
# Saves the local volumes of this node, the files below $DATA_ROOT (/data). Databases are dumped instead: database.sh.
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
options "$@"
need BACKUP_TARGET
DATA_ROOT=${DATA_ROOT:-/data}
[[ -d $DATA_ROOT ]] || die "no directory $DATA_ROOT"
target "$DATA_ROOT"

# An app that writes meanwhile is worth a warning, not a backup less: tar fails with its mildest code where a file changed as it was read.
{ tar --create --gzip --numeric-owner --directory "$DATA_ROOT" . || (($? == 1)); } | save "volumes-$(hostname)" tgz
