#!/usr/bin/env bash
# Restarts $APP of $ENVIRONMENT without an outage, so that it reads a rotated secret.
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
options "$@"
need ENVIRONMENT KUBE_CONTEXT

fitting_context "$(stage "$(overlay)")"
namespace=$(namespace)
place "$namespace"
cluster -n "$namespace" rollout restart "deployment/$APP"
[[ $DRY_RUN != true ]] || exit 0
rollout_ends "$namespace" "$APP" "${ROLLOUT_TIMEOUT:-10m}" || die "the restarted pods do not run; the others still serve"
