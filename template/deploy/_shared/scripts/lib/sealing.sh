# shellcheck shell=bash
# What is sealed, and for which cluster. Sourced, never run.

# The file that the overlay takes a sealed secret from, in the directory that its kustomization lists.
sealed_file() {
  local name=$1 overlay file
  overlay=$(tagged "$(overlay)" | head -n 1)
  file=$(sed -n 's|^ *- \(\.\..*/secrets/sealed/.*\)$|\1|p' "$ROOT/$overlay/kustomization.yaml" | head -n 1)
  [[ -n $file ]] || die "$overlay/kustomization.yaml lists no directory of _shared/secrets/sealed"
  file=$(realpath -m --relative-to="$ROOT" "$ROOT/$overlay/$file")/$name.yaml
  [[ -f $ROOT/$file ]] || die "no file $file"
  echo "$ROOT/$file"
}

# A copy of the certificate $KUBESEAL_CERT, or of the newest one of the controller in $KUBE_CONTEXT.
certificate() {
  local file
  file=$(mktemp)
  if [[ -n ${KUBESEAL_CERT:-} ]]; then
    cp "$KUBESEAL_CERT" "$file"
  else
    [[ -n ${KUBE_CONTEXT:-} ]] || die "set KUBESEAL_CERT or KUBE_CONTEXT"
    kubeseal --context "$KUBE_CONTEXT" --fetch-cert >"$file"
  fi
  openssl x509 -in "$file" -noout -checkend 0 >/dev/null 2>&1 || die "that is no certificate, or it has expired: fetch the newest"
  echo "$file"
}
