#!/bin/sh
set -eu
for overlay in k8s/overlays/*; do
  kubectl kustomize "$overlay" | kubeconform -strict -summary
done
