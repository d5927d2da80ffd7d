#!/bin/sh
set -eu
kubectl create namespace "$1" --dry-run=client -o yaml | kubectl --context "$KUBE_CONTEXT" apply -f -
