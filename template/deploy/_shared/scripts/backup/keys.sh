#!/usr/bin/env bash
# Saves all sealing keys of $KUBE_CONTEXT, encrypted for $BACKUP_CERT. A new one comes every 30 days: run it daily.
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
options "$@"
need KUBE_CONTEXT BACKUP_TARGET BACKUP_CERT
target /

label=sealedsecrets.bitnami.com/sealed-secrets-key
[[ -n $(look -n kube-system get secret -l "$label" -o name) ]] || die "there is no sealing key in $KUBE_CONTEXT"
# From program to program: no key reaches a terminal or a file.
look -n kube-system get secret -l "$label" -o yaml | sealed_for_people | save keys yaml.cms
