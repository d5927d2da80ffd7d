#!/usr/bin/env bash
# Seals a filled copy of a template ($SECRET_FILE) for $ENVIRONMENT. The plain values never touch the disk again.
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
options "$@"
need ENVIRONMENT SECRET_FILE KUBESEAL_CERT

name=${SECRET_NAME:-app-secrets}
namespace=$(namespace)
template=$ROOT/_shared/secrets/templates/$name.env
target=$ROOT/_shared/secrets/sealed/$ENVIRONMENT/$name.yaml
[[ -f $template ]] || die "no template $template"
[[ -f $SECRET_FILE ]] || die "no file $SECRET_FILE"

empty=()
while IFS='=' read -r key _; do
  grep -q "^$key=." "$SECRET_FILE" || empty+=("$key")
done < <(grep -v -e '^#' -e '^$' "$template")
((${#empty[@]} == 0)) || die "$SECRET_FILE has no value for ${empty[*]}"

sealed=$(mktemp)
trap 'rm -f "$sealed"' EXIT
kubectl create secret generic "$name" --namespace "$namespace" --from-env-file "$SECRET_FILE" --dry-run=client -o yaml |
  kubeseal --format yaml --cert "$KUBESEAL_CERT" >"$sealed"
grep -q '^kind: SealedSecret$' "$sealed" || die "kubeseal made no SealedSecret"
run cp "$sealed" "$target"
