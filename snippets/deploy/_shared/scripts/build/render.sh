#!/usr/bin/env bash
# Writes the manifests of $ENVIRONMENT to standard output, or says why they are not fit to apply.
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
options "$@"

directory=$(overlay)
rendered=$(kubectl kustomize "$directory")

while read -r image; do
  tag=${image##*:}
  [[ $tag =~ $IMMUTABLE_TAG ]] || die "$image: the overlay must name an immutable tag"
done < <(sed -n 's/^ *\(- \)\{0,1\}image: *//p' <<<"$rendered")

if [[ ${ALLOW_PLACEHOLDERS:-false} != true ]] && grep -q 'PLACEHOLDER-' <<<"$rendered"; then
  die "a sealed secret still holds a placeholder: run _shared/scripts/env/seal.sh"
fi
printf '%s\n' "$rendered"
