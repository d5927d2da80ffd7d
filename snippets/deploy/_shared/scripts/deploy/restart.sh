#!/usr/bin/env bash
# Restarts the app of $ENVIRONMENT without an outage, so that it reads a changed setting or a rotated secret.
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
options "$@"
need ENVIRONMENT KUBE_CONTEXT

namespace=$(namespace)
cluster -n "$namespace" rollout restart deployment/app
cluster -n "$namespace" rollout status deployment/app --timeout="${ROLLOUT_TIMEOUT:-10m}"
