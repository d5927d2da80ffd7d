# shellcheck shell=bash
# What an apply alone would get wrong: replicas that an autoscaler takes over, and settings that nothing needs. Sourced, never run.

# A number that disappears from the manifests falls back to a single pod with the next apply, before the autoscaler has looked. So it is
# taken out of the record of the last apply as well, and the running number stays.
keep_replicas() {
  local namespace=$1 applied
  [[ -z $(rendering | document Deployment "$APP" | sed -n 's/^  replicas: *//p') ]] || return 0
  applied=$(look -n "$namespace" get deployment "$APP" --ignore-not-found -o jsonpath='{.metadata.annotations.kubectl\.kubernetes\.io/last-applied-configuration}')
  [[ $applied == *'"replicas":'* ]] || return 0
  kubectl patch --local -f - --type=json -p '[{"op":"remove","path":"/spec/replicas"}]' -o json <<<"$applied" |
    cluster apply set-last-applied -f -
}

# Removes settings that no kept revision refers to any more. What a rollback could need stays.
forget_settings() {
  local namespace=$1 kept name
  kept=$(look -n "$namespace" get replicasets -l "app=$APP" -o jsonpath='{range .items[*]}{.spec.template.spec.containers[*].envFrom[*].configMapRef.name}{"\n"}{end}' | tr ' ' '\n')
  for name in $(look -n "$namespace" get configmaps -o name | sed -n "s|^configmap/\($APP-config-[a-z0-9]\{10\}\)\$|\1|p"); do
    grep -qx "$name" <<<"$kept" || rendering | document ConfigMap "$name" | grep -q . || cluster -n "$namespace" delete configmap "$name"
  done
}
