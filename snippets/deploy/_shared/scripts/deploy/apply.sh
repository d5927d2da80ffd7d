#!/usr/bin/env bash
# Deploys $ENVIRONMENT to $KUBE_CONTEXT: settings, then the migration Job, then the app. Safe to repeat.
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
options "$@"
need ENVIRONMENT KUBE_CONTEXT

scripts=$ROOT/_shared/scripts
namespace=$(namespace)
rendered=$(mktemp)
trap 'rm -f "$rendered"' EXIT
"$scripts/build/render.sh" >"$rendered"

cluster apply -f "$rendered" -l 'app.kubernetes.io/component notin (server,migration)'
RENDERED=$rendered DRY_RUN=$DRY_RUN "$scripts/migrate/run.sh"
cluster apply -f "$rendered" -l app.kubernetes.io/component=server
cluster -n "$namespace" rollout status deployment/app --timeout="${ROLLOUT_TIMEOUT:-10m}"
