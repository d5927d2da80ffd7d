#!/usr/bin/env bash
# Runs the app's own migration, from the image tag that $ENVIRONMENT pins, and waits for its end.
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
options "$@"
need ENVIRONMENT KUBE_CONTEXT

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fitting_context "$(stage "$(overlay)")"
if [[ -z ${RENDERED:-} ]]; then
  "$ROOT/_shared/scripts/build/render.sh" >"$work/all.yaml"
  export RENDERED=$work/all.yaml
fi
namespace=$(namespace)
rendering | of_component migration >"$work/migration.yaml"
job=$APP-migrate
[[ $(document Job "$job" <"$work/migration.yaml") ]] || die "$(overlay) renders no Job $job"

say "migration  $(document Job "$job" <"$work/migration.yaml" | image)"
# A Job's template cannot change, so the last one makes room; the migration itself is safe to repeat.
cluster -n "$namespace" delete job "$job" --ignore-not-found
cluster apply -f "$work/migration.yaml"
[[ $DRY_RUN != true ]] || exit 0
job_ends "$namespace" "$job" "${MIGRATE_SECONDS:-630}" ||
  die "the migration did not complete; the running version and its settings were left as they were"
