#!/bin/sh
set -eu
kubectl --context "$KUBE_CONTEXT" create namespace "$1"
