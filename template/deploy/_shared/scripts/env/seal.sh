#!/usr/bin/env bash
# Seals a filled copy of a template ($SECRET_FILE), or only $KEY of it, for $ENVIRONMENT. The plain values stay in memory.
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
options "$@"
need ENVIRONMENT SECRET_FILE

name=${SECRET_NAME:-$APP-secrets}
namespace=$(namespace)
template=$ROOT/_shared/secrets/templates/$name.env
target=$(sealed_file "$name")
[[ -f $template ]] || die "no template $template"
[[ -f $SECRET_FILE ]] || die "no file $SECRET_FILE"

empty=()
while IFS='=' read -r key _; do
  [[ -n ${KEY:-} && $key != "$KEY" ]] || grep -q "^$key=." "$SECRET_FILE" || empty+=("$key")
done < <(grep -v -e '^#' -e '^$' "$template")
((${#empty[@]} == 0)) || die "$SECRET_FILE has no value for ${empty[*]}"
[[ -z ${KEY:-} ]] || grep -q "^$KEY=" "$template" || die "$template has no key $KEY"

sealed=$(mktemp)
certificate=$(certificate)
trap 'rm -f "$sealed" "$certificate"' EXIT
if [[ -n ${KEY:-} ]]; then
  # One key is merged into what is sealed already; nobody has to know the values of the others.
  cp "$target" "$sealed"
  kubectl create secret generic "$name" --namespace "$namespace" --from-env-file <(grep "^$KEY=" "$SECRET_FILE") \
    --dry-run=client -o yaml | kubeseal --format yaml --cert "$certificate" --merge-into "$sealed"
else
  kubectl create secret generic "$name" --namespace "$namespace" --from-env-file "$SECRET_FILE" --dry-run=client -o yaml |
    kubeseal --format yaml --cert "$certificate" >"$sealed"
fi
grep -q '^kind: SealedSecret$' "$sealed" || die "kubeseal made no SealedSecret"
say "$name for $namespace: ${KEY:-all keys} sealed into ${target#"$ROOT/"}"
run cp "$sealed" "$target"
