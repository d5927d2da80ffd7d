#!/bin/sh
set -eu
kubectl apply -k k8s/overlays/production
kubectl -n prj-01-prod rollout status deployment/app --timeout=180s
