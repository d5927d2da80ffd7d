#!/usr/bin/env bash
# Writes $IMAGE_TAG into the overlay of $ENVIRONMENT. Commit the change: Git says what runs.
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
options "$@"
need ENVIRONMENT IMAGE_TAG

[[ $IMAGE_TAG =~ $IMMUTABLE_TAG ]] || die "$IMAGE_TAG is no immutable tag: vX.Y.Z, vX.Y.Z-rc.N or sha-<40 hex digits>"
if [[ $ENVIRONMENT == production && $IMAGE_TAG == *-rc.* ]]; then
  die "$IMAGE_TAG is a release candidate: production takes vX.Y.Z or sha-<40 hex digits>"
fi
file=$(overlay)/kustomization.yaml
[[ $(grep -c '^ *newTag:' "$file") == 1 ]] || die "$file must have exactly one newTag"
run sed -i "s/^\( *newTag:\).*/\1 $IMAGE_TAG/" "$file"
