# shellcheck shell=bash
# What a deploy changes, from what to what: names of settings, never their values. Sourced, never run.

# shellcheck disable=SC2016  # the variables are the template's
KEYS='{{range $key, $value := .data}}{{$key}}={{printf "%q" $value}}{{"\n"}}{{end}}'

# Where a command is about to act.
place() {
  say "cluster $KUBE_CONTEXT, namespace $1, app $APP, overlay $(overlay), Git $(revision)"
}

revision() {
  local found
  found=$(git -C "$ROOT" rev-parse --short HEAD 2>/dev/null) || {
    echo "none"
    return
  }
  [[ -z $(git -C "$ROOT" status --porcelain -- k8s _shared) ]] || found+=" and changes that are not committed"
  echo "$found"
}

# One line: a title, what is there, what comes.
from_to() {
  local before=${2:-none} after=${3:-none}
  if [[ $before == "$after" ]]; then
    printf '%-10s %s\n' "$1" "$before, unchanged" >&2
  else
    printf '%-10s %s -> %s\n' "$1" "$before" "$after" >&2
  fi
}

# The image, number of pods and settings of the Deployment in the cluster, and those of the rendering.
summary() {
  local namespace=$1 live new config
  live=$(look -n "$namespace" get deployment "$APP" --ignore-not-found -o jsonpath='{.spec.template.spec.containers[0].image}|{.spec.replicas}|{.spec.template.spec.containers[0].envFrom[*].configMapRef.name}')
  new=$(rendering | document Deployment "$APP")
  from_to image "$(cut -d '|' -f 1 <<<"$live")" "$(image <<<"$new")"
  from_to replicas "$(cut -d '|' -f 2 <<<"$live")" "$(sed -n 's/^  replicas: *//p' <<<"$new" | grep . || echo "the autoscaler's")"
  config=$(sed -n '/configMapRef:/{n;s/^ *name: *//p;}' <<<"$new" | head -n 1)
  from_to settings "$(cut -d '|' -f 3 <<<"$live")" "$config"
  changed_keys "$namespace" "$(cut -d '|' -f 3 <<<"$live")" "$config"
}

# The names of the settings that two ConfigMaps have different values for.
changed_keys() {
  local namespace=$1 before=$2 after=$3 names
  [[ -n $before && -n $after && $before != "$after" ]] || return 0
  names=$(comm -3 \
    <(look -n "$namespace" get configmap "$before" --ignore-not-found -o go-template="$KEYS" | sort) \
    <(rendering | document ConfigMap "$after" | look create --dry-run=client --validate=false -f - -o go-template="$KEYS" | sort) |
    sed 's/^\t//; s/=.*//' | sort -u | tr '\n' ' ')
  say "           differ in: ${names:-nothing}"
}

# What the API server would change, object by object. The exit code of kubectl diff tells a difference from an error.
difference() {
  local namespace=$1 file=$2 code=0
  if [[ -z $(look get namespace "$namespace" --ignore-not-found -o name) ]]; then
    say "there is no namespace $namespace yet: all of it is new"
    sed -n 's/^kind: /new: /p' "$file"
    return
  fi
  look diff -f "$file" || code=$?
  ((code <= 1)) || die "the API server does not take these manifests; nothing was changed"
}
