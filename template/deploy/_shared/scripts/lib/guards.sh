# shellcheck shell=bash
# What is refused before anything changes, each with one line. Sourced, never run.

# The name of a context says production or staging, and it is the other one that is asked for.
fitting_context() {
  local stage=$1 production='(^|[^a-z])(prod|production)([^a-z]|$)' other='(^|[^a-z])(stag(e|ing)|dev(elopment)?|test)([^a-z]|$)'
  [[ $stage != production || ! $KUBE_CONTEXT =~ $other ]] || die "the context $KUBE_CONTEXT is not production's"
  [[ $stage == production || ! $KUBE_CONTEXT =~ $production ]] || die "the context $KUBE_CONTEXT is production's, and this is $stage"
}

# Production runs what is committed, so that Git can say later what ran.
committed() {
  local stage=$1
  [[ $stage == production && $DRY_RUN != true && ${ALLOW_DIRTY:-false} != true ]] || return 0
  git -C "$ROOT" rev-parse --is-inside-work-tree >/dev/null 2>&1 || return 0
  [[ -z $(git -C "$ROOT" status --porcelain -- k8s _shared) ]] || die "k8s/ or _shared/ holds changes that are not committed"
}

# Two owners of one object undo each other's work.
not_argocds() {
  local namespace=$1 tracked
  tracked=$(look -n "$namespace" get deployment "$APP" --ignore-not-found -o jsonpath='{.metadata.annotations.argocd\.argoproj\.io/tracking-id}')
  [[ -z $tracked ]] || die "ArgoCD owns deployment/$APP in $namespace (${tracked%%:*}): merge or revert in Git, and it syncs"
}

# Under another name of its namespace the app would start beside the one that runs, and without its data.
not_renamed() {
  local namespace=$1 part named other
  part=$(rendering | document Deployment "$APP" | sed -n 's/^    app.kubernetes.io\/part-of: *//p' | head -n 1)
  [[ -n $part && ${ALLOW_SECOND:-false} != true ]] || return 0
  named=$(find "$ROOT/k8s" -path '*/overlays/*' -name kustomization.yaml -exec sed -n 's/^namespace: *//p' {} +)
  for other in $(look get deployments -A -l "app.kubernetes.io/part-of=$part" --field-selector "metadata.name=$APP" -o jsonpath='{.items[*].metadata.namespace}'); do
    [[ $other == "$namespace" ]] || grep -qx "$other" <<<"$named" ||
      die "deployment/$APP runs in $other, which no overlay names any longer: see docs/runbooks/remove.md, or set ALLOW_SECOND=true"
  done
}

# Without its volume the app would start with nothing, and the data would lie where nobody looks.
volumes_kept() {
  local namespace=$1 claim
  for claim in $(look -n "$namespace" get deployment "$APP" --ignore-not-found -o jsonpath='{.spec.template.spec.volumes[*].persistentVolumeClaim.claimName}'); do
    rendering | document Deployment "$APP" | grep -q "^ *claimName: $claim\$" ||
      die "deployment/$APP would lose its volume $claim: see docs/runbooks/remove.md"
  done
}
