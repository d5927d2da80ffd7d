#!/usr/bin/env bash
# Installs or upgrades kube-prometheus-stack in $KUBE_CONTEXT, then the app's monitors and rules.
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
options "$@"
need KUBE_CONTEXT
chart=$(version PROMETHEUS_STACK_CHART_VERSION)
[[ $chart =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] || die "PROMETHEUS_STACK_CHART_VERSION must be X.Y.Z"

run helm upgrade --install kube-prometheus-stack kube-prometheus-stack \
  --repo https://prometheus-community.github.io/helm-charts --version "$chart" \
  --kube-context "$KUBE_CONTEXT" --namespace monitoring --create-namespace \
  --values "$ROOT/_shared/monitoring/values.yaml" --wait
cluster apply -k "$ROOT/_shared/monitoring"
