# shellcheck shell=bash
# What the scripts share. Sourced, never run.
set -euo pipefail
shopt -s inherit_errexit

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
APP=${APP:-app}
DRY_RUN=${DRY_RUN:-false}
NUMBER='(0|[1-9][0-9]*)'
# Immutable tags only: vX.Y.Z, vX.Y.Z-rc.N, sha-<40 hex digits>.
# shellcheck disable=SC2034  # the scripts that source this file use it
IMMUTABLE_TAG="^(v$NUMBER\\.$NUMBER\\.$NUMBER(-rc\\.$NUMBER)?|sha-[0-9a-f]{40})\$"

die() {
  echo "error: $*" >&2
  exit 1
}

say() {
  printf '%s\n' "$*" >&2
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
  [[ $APP =~ ^[a-z0-9]([a-z0-9-]*[a-z0-9])?$ ]] || die "APP must be the name of a Deployment, not $APP"
}

# A name from _shared/versions.env; a variable of that name that is set already wins.
version() {
  local name=$1
  [[ -z ${!name:-} ]] || {
    echo "${!name}"
    return
  }
  sed -n "s/^$name=//p" "$ROOT/_shared/versions.env" | grep . || die "_shared/versions.env names no $name"
}

# Changes the cluster that $KUBE_CONTEXT names, never whichever happens to be current.
cluster() {
  run kubectl --context "$KUBE_CONTEXT" "$@"
}

# Reads from that cluster, in a dry run as well.
look() {
  kubectl --context "$KUBE_CONTEXT" "$@"
}

here=$(dirname "${BASH_SOURCE[0]}")
source "$here/lib/overlay.sh"
source "$here/lib/guards.sh"
source "$here/lib/changes.sh"
source "$here/lib/waiting.sh"
source "$here/lib/handover.sh"
source "$here/lib/storage.sh"
source "$here/lib/sealing.sh"
