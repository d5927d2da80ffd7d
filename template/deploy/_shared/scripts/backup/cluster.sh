#!/usr/bin/env bash
# Saves this k3s server's store and its token, without which the store is unusable, encrypted for $BACKUP_CERT.
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
options "$@"
need BACKUP_TARGET BACKUP_CERT
state=${K3S_STATE:-/var/lib/rancher/k3s}/server
target "$state"
[[ -f $state/token ]] || die "this host is no k3s server: it has no $state/token"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [[ -d $state/db/etcd ]]; then
  # Saved to a directory of its own, so that k3s's own snapshots stay as they are.
  run k3s etcd-snapshot save --name scheduled --etcd-snapshot-dir "$work/snapshots"
  parts=(-C "$work" snapshots)
else
  # SQLite: the copy that its own command makes is consistent while k3s runs.
  command -v sqlite3 >/dev/null || die "the store is SQLite: install sqlite3 to copy it while k3s runs"
  mkdir -p "$work/db"
  run sqlite3 "$state/db/state.db" ".backup '$work/db/state.db'"
  parts=(-C "$work" db)
fi
tar --create --gzip -C "$state" token "${parts[@]}" 2>/dev/null | sealed_for_people | save cluster tgz.cms
