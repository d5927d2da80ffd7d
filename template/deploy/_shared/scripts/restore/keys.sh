#!/usr/bin/env bash
# Brings back the sealing keys (the newest backup, or the named one) with the private key file $BACKUP_KEY.
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
options "$@"
need KUBE_CONTEXT BACKUP_TARGET BACKUP_KEY

if [[ $DRY_RUN == true ]]; then
  fetch keys yaml.cms | opened_by_a_person | look apply --dry-run=server -f -
  exit
fi
fetch keys yaml.cms | opened_by_a_person | look apply -f -
# A controller that runs already reads its keys at its start only.
if [[ -n $(look -n kube-system get deployment sealed-secrets-controller --ignore-not-found -o name) ]]; then
  cluster -n kube-system rollout restart deployment/sealed-secrets-controller
  look -n kube-system rollout status deployment/sealed-secrets-controller --timeout=5m
fi
