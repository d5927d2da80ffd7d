#!/usr/bin/env bash
# Deploys $APP of $ENVIRONMENT to $KUBE_CONTEXT: settings, then the migration Job, then the app. Safe to repeat.
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
options "$@"
need ENVIRONMENT KUBE_CONTEXT

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
stage=$(stage "$(overlay)")
fitting_context "$stage"
committed "$stage"
"$ROOT/_shared/scripts/build/render.sh" >"$work/all.yaml"
export RENDERED=$work/all.yaml
namespace=$(namespace)
not_argocds "$namespace"
not_renamed "$namespace"
volumes_kept "$namespace"

# The old settings stay under their own name: until the app itself is applied, the running version has all it had.
rendering | of_component --not migration | of_kind 'ConfigMap|SealedSecret|Secret|ServiceAccount|PersistentVolumeClaim' >"$work/settings.yaml"
rendering | of_component --not migration | of_kind --not 'ConfigMap|SealedSecret|Secret|ServiceAccount|PersistentVolumeClaim' >"$work/app.yaml"

place "$namespace"
summary "$namespace"
if [[ $DRY_RUN == true ]]; then
  difference "$namespace" "$work/settings.yaml"
  difference "$namespace" "$work/app.yaml"
fi

# Not part of the rendering, so that nobody deletes the data of an environment along with its app.
[[ ! -f $ROOT/k8s/namespaces/$namespace.yaml ]] || cluster apply -f "$ROOT/k8s/namespaces/$namespace.yaml"
cluster apply -f "$work/settings.yaml"
for secret in $([[ $DRY_RUN == true ]] || of_kind SealedSecret <"$work/settings.yaml" | sed -n 's/^  name: //p'); do
  unsealed "$namespace" "$secret" || die "nothing but settings was applied; the running version was left as it was"
done
DRY_RUN=$DRY_RUN "$ROOT/_shared/scripts/migrate/run.sh"
keep_replicas "$namespace"
cluster apply -f "$work/app.yaml"
if [[ $DRY_RUN == true ]]; then
  run kubectl --context "$KUBE_CONTEXT" -n "$namespace" rollout status "deployment/$APP" --timeout="${ROLLOUT_TIMEOUT:-10m}"
  exit
fi
for name in $(of_kind Deployment <"$work/app.yaml" | sed -n 's/^  name: //p'); do
  rollout_ends "$namespace" "$name" "${ROLLOUT_TIMEOUT:-10m}" ||
    die "the new version does not run; pods of the old one that were ready still serve. Back: git revert and apply, or rollback.sh"
done
forget_settings "$namespace"
