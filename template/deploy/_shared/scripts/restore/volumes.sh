#!/usr/bin/env bash
# Restores the newest files (or those of the named backup) of $NODE into the empty directory $DATA_ROOT (/data).
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
options "$@"
need BACKUP_TARGET
DATA_ROOT=${DATA_ROOT:-/data}
[[ -d $DATA_ROOT ]] || die "no directory $DATA_ROOT"
[[ -z $(ls -A "$DATA_ROOT") ]] || die "$DATA_ROOT is not empty: what is there would be mixed with what comes"
if [[ $DRY_RUN == true ]]; then
  fetch "volumes-${NODE:-$(hostname)}" tgz | tar --list --gzip
else
  fetch "volumes-${NODE:-$(hostname)}" tgz | tar --extract --gzip --numeric-owner --same-owner --directory "$DATA_ROOT"
fi
