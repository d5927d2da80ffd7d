#!/usr/bin/env bash
# Installs or upgrades kube-prometheus-stack in $KUBE_CONTEXT, then the app's monitors and rules.
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
options "$@"
need KUBE_CONTEXT
chart=$(version PROMETHEUS_STACK_CHART_VERSION)
[[ $chart =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] || die "PROMETHEUS_STACK_CHART_VERSION must be X.Y.Z"

# The chart reads both and makes neither: without the first Grafana never runs, without the second no alert reaches anybody.
for secret in grafana-admin alertmanager-chat; do
  [[ -n $(look -n monitoring get secret "$secret" --ignore-not-found -o name) ]] ||
    die "monitoring has no Secret $secret: docs/runbooks/grafana.md says how it is made"
done

run helm upgrade --install kube-prometheus-stack kube-prometheus-stack \
  --repo https://prometheus-community.github.io/helm-charts --version "$chart" \
  --kube-context "$KUBE_CONTEXT" --namespace monitoring --create-namespace \
  --values "$ROOT/_shared/monitoring/values.yaml" --wait
cluster apply -k "$ROOT/_shared/monitoring"
