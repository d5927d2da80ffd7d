#!/usr/bin/env bash
# Saves an etcd snapshot of this k3s server and keeps the newest $KEEP (14).
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
options "$@"
KEEP=${KEEP:-14}
[[ $KEEP =~ ^[1-9][0-9]*$ ]] || die "KEEP must be a number above 0"

run k3s etcd-snapshot save --name scheduled
run k3s etcd-snapshot prune --name scheduled --snapshot-retention "$KEEP"
