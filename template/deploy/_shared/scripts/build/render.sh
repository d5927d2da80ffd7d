#!/usr/bin/env bash
# Writes the manifests of an environment to standard output, or says why they are not fit to apply.
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
options "$@"

directory=$(overlay)
stage=$(stage "$directory")
rendered=$(kubectl kustomize "$ROOT/$directory")

while read -r image; do
  tag=${image##*:}
  [[ $tag =~ $IMMUTABLE_TAG ]] || die "$image: the overlay must name an immutable tag"
  [[ $stage != production || $tag != *-rc.* ]] || die "$image: production does not run a release candidate"
done < <(sed -n 's/^ *\(- \)\{0,1\}image: *//p' <<<"$rendered")

if grep -q '^kind: Namespace$' <<<"$rendered"; then
  die "$directory renders a Namespace: whoever deletes the rendering deletes all data in it; it belongs into k8s/namespaces"
fi
if [[ ${ALLOW_PLACEHOLDERS:-false} != true ]]; then
  while read -r name; do
    script=env/seal.sh
    [[ $name != ghcr-secret ]] || script=env/seal-registry.sh
    [[ $(document SealedSecret "$name" <<<"$rendered") != *PLACEHOLDER-* ]] ||
      die "the sealed secret $name still holds a placeholder: run _shared/scripts/$script"
  done < <(of_kind SealedSecret <<<"$rendered" | sed -n 's/^  name: //p')
fi
printf '%s\n' "$rendered"
