#!/usr/bin/env bash
# Seals a docker configuration file ($DOCKER_CONFIG_FILE) as ghcr-secret of $ENVIRONMENT.
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
options "$@"
need ENVIRONMENT DOCKER_CONFIG_FILE KUBESEAL_CERT

namespace=$(namespace)
target=$ROOT/_shared/secrets/sealed/$ENVIRONMENT/ghcr-secret.yaml
grep -q '"ghcr.io"' "$DOCKER_CONFIG_FILE" || die "$DOCKER_CONFIG_FILE has no login for ghcr.io"

sealed=$(mktemp)
trap 'rm -f "$sealed"' EXIT
kubectl create secret generic ghcr-secret --namespace "$namespace" --type kubernetes.io/dockerconfigjson \
  --from-file ".dockerconfigjson=$DOCKER_CONFIG_FILE" --dry-run=client -o yaml |
  kubeseal --format yaml --cert "$KUBESEAL_CERT" >"$sealed"
grep -q '^kind: SealedSecret$' "$sealed" || die "kubeseal made no SealedSecret"
run cp "$sealed" "$target"
