#!/usr/bin/env bash
# For teams that use SOPS: decrypts the secrets of $ENVIRONMENT inside a pipe into the cluster, never into a file.
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
options "$@"
need ENVIRONMENT KUBE_CONTEXT

namespace=$(namespace)
shopt -s nullglob
files=("$ROOT/_shared/secrets/sops/$ENVIRONMENT"/*.enc.yaml)
((${#files[@]} > 0)) || die "no file _shared/secrets/sops/$ENVIRONMENT/*.enc.yaml"
for file in "${files[@]}"; do
  if [[ $DRY_RUN == true ]]; then
    echo "dry-run: sops decrypt $file | kubectl --context $KUBE_CONTEXT -n $namespace apply -f -"
  else
    sops decrypt "$file" | kubectl --context "$KUBE_CONTEXT" -n "$namespace" apply -f -
  fi
done
