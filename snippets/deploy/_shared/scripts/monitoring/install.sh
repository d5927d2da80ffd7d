#!/usr/bin/env bash
# Installs or upgrades kube-prometheus-stack $CHART_VERSION in $KUBE_CONTEXT, then the app's monitors and rules.
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
options "$@"
need KUBE_CONTEXT CHART_VERSION
[[ $CHART_VERSION =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] || die "CHART_VERSION must be X.Y.Z"

run helm upgrade --install kube-prometheus-stack kube-prometheus-stack \
  --repo https://prometheus-community.github.io/helm-charts --version "$CHART_VERSION" \
  --kube-context "$KUBE_CONTEXT" --namespace monitoring --create-namespace \
  --values "$ROOT/_shared/monitoring/values.yaml" --wait
cluster apply -k "$ROOT/_shared/monitoring"
