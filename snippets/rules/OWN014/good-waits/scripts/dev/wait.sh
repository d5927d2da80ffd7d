#!/bin/sh
set -eu
kubectl -n "$1" rollout status deployment/orders --timeout=120s
