# shellcheck shell=bash
# Which directory $ENVIRONMENT and $APP name, and what stands in it. Sourced, never run.

# The directory to render: an overlay, a second app's overlay, or a layer above an overlay.
overlay() {
  local candidate
  need ENVIRONMENT
  [[ $ENVIRONMENT =~ ^[a-z0-9-]+(/[a-z0-9-]+)*$ ]] || die "no overlay k8s/overlays/$ENVIRONMENT"
  for candidate in "k8s/apps/$APP/overlays/$ENVIRONMENT" "k8s/overlays/$ENVIRONMENT" "k8s/$ENVIRONMENT"; do
    if [[ -f $ROOT/$candidate/kustomization.yaml ]]; then
      echo "$candidate"
      return
    fi
  done
  die "no overlay k8s/overlays/$ENVIRONMENT"
}

# The directory whose kustomization sets the tag: the given one, or the nearest below it.
tagged() {
  local directory=$1 below
  if grep -q '^ *newTag:' "$ROOT/$directory/kustomization.yaml"; then
    echo "$directory"
    return
  fi
  while read -r below; do
    below=$(cd "$ROOT/$directory" && realpath --relative-to="$ROOT" "$below")
    [[ ! -f $ROOT/$below/kustomization.yaml ]] || tagged "$below"
  done < <(sed -n 's/^  - \(\.\..*\)$/\1/p' "$ROOT/$directory/kustomization.yaml")
}

# The environment proper, production or staging, that an overlay or a layer above it belongs to.
stage() {
  local directory=$1 below
  below=$(tagged "$directory" | head -n 1)
  basename "${below:-$directory}"
}

# Everything that the overlay renders, or did render into the file $RENDERED.
rendering() {
  if [[ -n ${RENDERED:-} ]]; then
    cat "$RENDERED"
  else
    kubectl kustomize "$ROOT/$(overlay)"
  fi
}

# The first container's image of a workload's document on standard input.
image() {
  sed -n 's/^ *\(- \)\{0,1\}image: *//p' | head -n 1
}

# The documents of standard input whose kind matches an expression, or with --not all others.
of_kind() {
  if [[ $1 == --not ]]; then documents 0 "^kind: ($2)\$"; else documents 1 "^kind: ($1)\$"; fi
}

# The documents whose label app.kubernetes.io/component is the given one, or with --not all others.
of_component() {
  local label='^    app[.]kubernetes[.]io/component: '
  if [[ $1 == --not ]]; then documents 0 "$label$2\$"; else documents 1 "$label$1\$"; fi
}

# The documents of standard input by whether they have a line like an expression.
documents() {
  awk -v wanted="$1" -v line="$2" '
    function finish() {
      if (text != "" && found == wanted) printf "%s%s", (printed++ ? "---\n" : ""), text
      text = ""; found = 0
    }
    /^---$/ { finish(); next }
    $0 ~ line { found = 1 }
    { text = text $0 "\n" }
    END { finish() }'
}

# The document of a kind and name.
document() {
  of_kind "$1" | awk -v RS='---\n' -v name="\n  name: $2\n" 'index($0, name) { printf "%s", $0 }'
}

# The namespace that the overlay deploys into.
namespace() {
  local found
  found=$(rendering | document Deployment "$APP" | sed -n 's/^  namespace: *//p')
  [[ -n $found ]] || die "$(overlay) renders no Deployment $APP with a namespace"
  echo "$found"
}
