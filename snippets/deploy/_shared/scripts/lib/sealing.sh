# shellcheck shell=bash
# What is sealed, and for which cluster. Sourced, never run.

# The file that the overlay takes a sealed secret from.
sealed_file() {
  local name=$1 directory
  directory=$(stage "$(overlay)")
  if [[ -d $ROOT/k8s/apps/$APP ]]; then
    directory=$APP/$directory
  fi
  [[ -f $ROOT/_shared/secrets/sealed/$directory/$name.yaml ]] || die "no file _shared/secrets/sealed/$directory/$name.yaml"
  echo "$ROOT/_shared/secrets/sealed/$directory/$name.yaml"
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
