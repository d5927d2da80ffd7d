#!/usr/bin/env bash
# Installs or upgrades k3s on this host as $K3S_ROLE (server or agent). Does nothing where that version already runs.
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
options "$@"
need K3S_INSTALLER
version=$(version K3S_VERSION)
minimum=$(version KUBERNETES_MINIMUM)
K3S_ROLE=${K3S_ROLE:-server}
[[ $K3S_ROLE == server || $K3S_ROLE == agent ]] || die "K3S_ROLE must be server or agent"
[[ $K3S_ROLE == server && -z ${K3S_URL:-} ]] || need K3S_URL K3S_TOKEN_FILE
[[ $version =~ ^v([0-9]+\.[0-9]+)\.[0-9]+\+k3s[0-9]+$ ]] || die "K3S_VERSION must be vX.Y.Z+k3sN, not $version"
kubernetes=${BASH_REMATCH[1]}
[[ $(printf '%s\n' "$minimum" "$kubernetes" | sort -V | head -n 1) == "$minimum" ]] ||
  die "$version is older than Kubernetes $minimum, which the manifests need"
# A file that somebody has read, not a download piped into a shell.
[[ -f $K3S_INSTALLER ]] || die "no installer $K3S_INSTALLER: download it from the k3s release and read it"

installed=$(! command -v k3s >/dev/null || k3s --version | sed -n 's/^k3s version \(v[^ ]*\).*/\1/p')
if [[ $installed == "$version" ]]; then
  say "k3s $version is installed"
  exit 0
fi
if [[ -n $installed ]]; then
  [[ $installed =~ ^v1\.([0-9]+)\. ]] || die "k3s $installed runs here, which this script does not know"
  before=${BASH_REMATCH[1]}
  ((${kubernetes#*.} - before <= 1 && ${kubernetes#*.} >= before)) ||
    die "from $installed to $version is more than one minor version: take each in turn, and none back"
fi

if [[ -n ${K3S_URL:-} ]]; then
  join=(--server "$K3S_URL" --token-file "$K3S_TOKEN_FILE")
else
  # The first server begins the cluster, with the store that further servers can join.
  join=(--cluster-init)
fi
arguments=("$K3S_ROLE" "${join[@]}")
[[ $K3S_ROLE == agent ]] || arguments+=(--secrets-encryption --default-local-storage-path "${DATA_ROOT:-/data}")
say "k3s on $(hostname): ${installed:-none} -> $version, $K3S_ROLE"
run env INSTALL_K3S_VERSION="$version" sh "$K3S_INSTALLER" "${arguments[@]}"
