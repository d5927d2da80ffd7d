#!/usr/bin/env bash
# Writes $IMAGE_TAG into the overlay of $ENVIRONMENT. Commit the change: Git says what runs.
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
options "$@"
need ENVIRONMENT IMAGE_TAG

[[ $IMAGE_TAG =~ $IMMUTABLE_TAG ]] || die "$IMAGE_TAG is no immutable tag: vX.Y.Z, vX.Y.Z-rc.N or sha-<40 hex digits>"
directory=$(overlay)
if [[ $(stage "$directory") == production && $IMAGE_TAG == *-rc.* ]]; then
  die "$IMAGE_TAG is a release candidate: production takes vX.Y.Z or sha-<40 hex digits>"
fi
# A layer above an overlay has no tag of its own; the overlay's is the one that it runs.
mapfile -t found < <(tagged "$directory")
((${#found[@]} == 1)) || die "$directory and what it stands on set the tag in ${#found[@]} places; it must be one"
file=$ROOT/${found[0]}/kustomization.yaml
[[ $(grep -c '^ *newTag:' "$file") == 1 ]] || die "$file must have exactly one newTag"
say "${found[0]}: $(sed -n 's/^ *newTag: *//p' "$file") -> $IMAGE_TAG"
run sed -i "s/^\( *newTag:\).*/\1 $IMAGE_TAG/" "$file"
