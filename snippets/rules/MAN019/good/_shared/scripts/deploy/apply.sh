#!/bin/sh
set -eu
kubectl --context "$KUBE_CONTEXT" apply -k "k8s/overlays/$ENVIRONMENT"
