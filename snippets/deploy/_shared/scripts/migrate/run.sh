#!/usr/bin/env bash
# Runs the app's own migration, from the image tag that $ENVIRONMENT pins, and waits for its end.
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
options "$@"
need ENVIRONMENT KUBE_CONTEXT

namespace=$(namespace)
rendered=${RENDERED:-}
if [[ -z $rendered ]]; then
  rendered=$(mktemp)
  trap 'rm -f "$rendered"' EXIT
  "$ROOT/_shared/scripts/build/render.sh" >"$rendered"
fi

# A Job's template cannot change, so the last one makes room; the migration itself is safe to repeat.
cluster -n "$namespace" delete job app-migrate --ignore-not-found
cluster apply -f "$rendered" -l app.kubernetes.io/component=migration
if ! cluster -n "$namespace" wait --for=condition=Complete job/app-migrate --timeout="${MIGRATE_TIMEOUT:-10m}"; then
  kubectl --context "$KUBE_CONTEXT" -n "$namespace" logs job/app-migrate --tail=50 >&2 || true
  die "the migration did not complete; the running version was left as it is"
fi
