#!/usr/bin/env bash
# Restores the store of a k3s server on this host, where k3s is installed and stopped, with the key file $BACKUP_KEY.
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
options "$@"
need BACKUP_TARGET BACKUP_KEY
state=${K3S_STATE:-/var/lib/rancher/k3s}/server
! systemctl is-active --quiet k3s 2>/dev/null || die "k3s runs: systemctl stop k3s, on every server"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fetch cluster tgz.cms | opened_by_a_person | tar --extract --gzip --directory "$work"
mkdir -p "$state"
run install -m 600 "$work/token" "$state/token"
if [[ -d $work/snapshots ]]; then
  snapshot=$(find "$work/snapshots" -type f | sort | tail -n 1)
  run k3s server --cluster-reset --cluster-reset-restore-path="$snapshot" --token-file "$state/token"
else
  [[ ! -e $state/db ]] || run mv "$state/db" "$state/db-before-$(date -u +%Y%m%dT%H%M%SZ)"
  run mkdir -p "$state/db"
  run cp -a "$work/db/." "$state/db/"
fi
say "start k3s here: systemctl start k3s; on the other servers remove $state/db first, then start them one by one"
