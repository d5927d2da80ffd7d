#!/usr/bin/env bash
# Installs or upgrades the sealed-secrets controller in $KUBE_CONTEXT. After a rebuild restore the keys first.
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
options "$@"
need KUBE_CONTEXT
chart=$(version SEALED_SECRETS_CHART_VERSION)
[[ $chart =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] || die "SEALED_SECRETS_CHART_VERSION must be X.Y.Z"

# kubeseal looks for a controller of this name.
run helm upgrade --install sealed-secrets sealed-secrets \
  --repo https://bitnami-labs.github.io/sealed-secrets --version "$chart" \
  --kube-context "$KUBE_CONTEXT" --namespace kube-system --set fullnameOverride=sealed-secrets-controller --wait
