#!/usr/bin/env bash
# Seals a docker configuration file ($DOCKER_CONFIG_FILE) as ghcr-secret of $ENVIRONMENT. Its token may read packages only.
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
options "$@"
need ENVIRONMENT DOCKER_CONFIG_FILE

namespace=$(namespace)
target=$(sealed_file ghcr-secret)
[[ -f $DOCKER_CONFIG_FILE ]] || die "no file $DOCKER_CONFIG_FILE"
# A login that a credential store keeps leaves an empty entry here, and the kubelet could pull nothing with it.
tr -d '\n\t ' <"$DOCKER_CONFIG_FILE" | grep -qE '"ghcr\.io":\{[^}]*"auth":"[A-Za-z0-9+/]{4,}=*"' ||
  die "$DOCKER_CONFIG_FILE has no login for ghcr.io with a value under auth"

sealed=$(mktemp)
certificate=$(certificate)
trap 'rm -f "$sealed" "$certificate"' EXIT
kubectl create secret generic ghcr-secret --namespace "$namespace" --type kubernetes.io/dockerconfigjson \
  --from-file ".dockerconfigjson=$DOCKER_CONFIG_FILE" --dry-run=client -o yaml |
  kubeseal --format yaml --cert "$certificate" >"$sealed"
grep -q '^kind: SealedSecret$' "$sealed" || die "kubeseal made no SealedSecret"
say "ghcr-secret for $namespace sealed into ${target#"$ROOT/"}"
run cp "$sealed" "$target"
