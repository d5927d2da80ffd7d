#!/usr/bin/env bash
# Brings back the previous revision (or $REVISION) of $ENVIRONMENT at once; then revert the tag in Git.
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
options "$@"
need ENVIRONMENT KUBE_CONTEXT

namespace=$(namespace)
[[ ${REVISION:-0} =~ ^[0-9]+$ ]] || die "REVISION must be a number"
cluster -n "$namespace" rollout undo deployment/app --to-revision="${REVISION:-0}"
cluster -n "$namespace" rollout status deployment/app --timeout="${ROLLOUT_TIMEOUT:-10m}"
echo "Git still names the other tag: git revert the commit that set it, or the next sync brings it back." >&2
