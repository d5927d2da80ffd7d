#!/bin/sh
set -eu
kubectl --context "$KUBE_CONTEXT" apply -k "k8s/overlays/$1"
kubectl --context "$KUBE_CONTEXT" -n "prj-01-$1" rollout status deployment/app --timeout=10m
