#!/usr/bin/env bash
# Installs k3s $K3S_VERSION on this host as $K3S_ROLE (server or agent). Does nothing where it already runs.
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
options "$@"
need K3S_VERSION K3S_INSTALLER
K3S_ROLE=${K3S_ROLE:-server}
[[ $K3S_ROLE == server || $K3S_ROLE == agent ]] || die "K3S_ROLE must be server or agent"
[[ $K3S_ROLE == server ]] || need K3S_URL K3S_TOKEN_FILE
# A file that somebody has read, not a download piped into a shell.
[[ -f $K3S_INSTALLER ]] || die "no installer $K3S_INSTALLER: download it from the k3s release and read it"

if command -v k3s >/dev/null && k3s --version | grep -qF "$K3S_VERSION"; then
  echo "k3s $K3S_VERSION is installed" >&2
  exit 0
fi
arguments=("$K3S_ROLE")
if [[ $K3S_ROLE == agent ]]; then
  arguments+=(--server "$K3S_URL" --token-file "$K3S_TOKEN_FILE")
else
  arguments+=(--cluster-init --secrets-encryption --default-local-storage-path "${DATA_ROOT:-/data}")
fi
run env INSTALL_K3S_VERSION="$K3S_VERSION" sh "$K3S_INSTALLER" "${arguments[@]}"
