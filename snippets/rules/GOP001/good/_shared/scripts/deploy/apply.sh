#!/bin/sh
set -eu
kubectl apply -k k8s/overlays/production
kubectl -n prj-01-prod rollout restart deployment/app
kubectl patch --local -f app.yaml -p "{}" -o yaml | kubectl apply -f -
kubectl config set-context production
