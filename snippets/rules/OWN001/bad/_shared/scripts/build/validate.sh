#!/bin/bash
set -euo pipefail
for overlay in k8s/overlays/*; do
  kubectl kustomize "$overlay" | kubeconform -strict -
done
