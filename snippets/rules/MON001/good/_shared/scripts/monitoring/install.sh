#!/bin/sh
set -eu
. _shared/versions.env
helm upgrade --install kube-prometheus-stack prometheus-community/kube-prometheus-stack --version "$PROMETHEUS_STACK_CHART_VERSION" -n monitoring --values _shared/monitoring/values.yaml
