# shellcheck shell=bash
# What the scripts share. Sourced, never run.
set -euo pipefail
shopt -s inherit_errexit

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
NUMBER='(0|[1-9][0-9]*)'
# Immutable tags only: vX.Y.Z, vX.Y.Z-rc.N, sha-<40 hex digits>.
# shellcheck disable=SC2034  # the scripts that source this file use it
IMMUTABLE_TAG="^(v$NUMBER\\.$NUMBER\\.$NUMBER(-rc\\.$NUMBER)?|sha-[0-9a-f]{40})\$"
DRY_RUN=${DRY_RUN:-false}

die() {
  echo "error: $*" >&2
  exit 1
}

# Ends the script unless every named variable has a value.
need() {
  local name missing=()
  for name in "$@"; do
    [[ -n ${!name:-} ]] || missing+=("$name")
  done
  ((${#missing[@]} == 0)) || die "set ${missing[*]}"
}

# Runs a command that changes something; with --dry-run it only says which.
run() {
  if [[ $DRY_RUN == true ]]; then
    echo "dry-run:$(printf ' %q' "$@")"
  else
    "$@"
  fi
}

# Takes --dry-run from the arguments; anything else is an error.
options() {
  local argument
  for argument in "$@"; do
    case $argument in
      --dry-run) DRY_RUN=true ;;
      *) die "unknown argument $argument (the only option is --dry-run)" ;;
    esac
  done
}

# The overlay's directory for $ENVIRONMENT.
overlay() {
  need ENVIRONMENT
  [[ $ENVIRONMENT =~ ^[a-z0-9-]+$ && -f $ROOT/k8s/overlays/$ENVIRONMENT/kustomization.yaml ]] ||
    die "no overlay k8s/overlays/$ENVIRONMENT"
  echo "$ROOT/k8s/overlays/$ENVIRONMENT"
}

# The namespace that the overlay deploys into.
namespace() {
  local directory
  directory=$(overlay)
  sed -n 's/^namespace: *//p' "$directory/kustomization.yaml"
}

# Changes the cluster that $KUBE_CONTEXT names, never whichever happens to be current.
cluster() {
  run kubectl --context "$KUBE_CONTEXT" "$@"
}
