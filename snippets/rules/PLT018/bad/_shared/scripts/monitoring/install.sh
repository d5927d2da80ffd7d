#!/bin/sh
set -eu
helm upgrade --install kube-prometheus-stack prometheus-community/kube-prometheus-stack --version 79.1.0 -n monitoring
