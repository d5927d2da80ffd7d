#!/bin/sh
set -eu
sed -i "s/newTag: .*/newTag: $1/" ../orders-deploy/k8s/overlays/staging/kustomization.yaml
