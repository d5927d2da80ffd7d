#!/usr/bin/env bash
# Brings $APP of $ENVIRONMENT back at once to what it ran before: $TO is a tag or a revision. Then revert in Git.
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
options "$@"
need ENVIRONMENT KUBE_CONTEXT

fitting_context "$(stage "$(overlay)")"
namespace=$(namespace)
not_argocds "$namespace"
place "$namespace"

# Revision, the numbers it had before, image, settings: an undo gives a revision a new number and keeps the old in mind.
kept=$(look -n "$namespace" get replicasets -l "app=$APP" -o jsonpath='{range .items[*]}{.metadata.annotations.deployment\.kubernetes\.io/revision}|{.metadata.annotations.deployment\.kubernetes\.io/revision-history}|{.spec.template.spec.containers[0].image}|{.spec.template.spec.containers[0].envFrom[*].configMapRef.name}{"\n"}{end}' | sort -n)
current=$(look -n "$namespace" get deployment "$APP" -o jsonpath='{.metadata.annotations.deployment\.kubernetes\.io/revision}')
[[ -n ${TO:-} ]] || {
  awk -F '|' -v current="$current" '{ print "revision " $1 ": " $3 ", " $4 ($1 == current ? "  <- runs now" : "") }' <<<"$kept" >&2
  die "set TO to one of these tags or revisions"
}
[[ $TO =~ $IMMUTABLE_TAG || $TO =~ ^[1-9][0-9]*$ ]] || die "TO must be a tag or the number of a revision, not $TO"

row=$(awk -F '|' -v to="$TO" '
  $1 == to || index("," $2 ",", "," to ",") || substr($3, length($3) - length(to)) == ":" to { found = $0 }
  END { print found }' <<<"$kept")
[[ -n $row ]] || die "no kept revision of deployment/$APP is $TO: git revert and apply go back further"
IFS='|' read -r revision _ image config <<<"$row"
live=$(grep "^$current|" <<<"$kept" || true)
from_to image "$(cut -d '|' -f 3 <<<"$live")" "$image"
from_to settings "$(cut -d '|' -f 4 <<<"$live")" "$config"
[[ -z $config || -n $(look -n "$namespace" get configmap "$config" --ignore-not-found -o name) ]] ||
  die "the settings $config of that revision are gone: git revert and apply bring them back"

if [[ $revision == "$current" ]]; then
  say "deployment/$APP is at that revision already"
else
  cluster -n "$namespace" rollout undo "deployment/$APP" --to-revision="$revision"
fi
[[ $DRY_RUN != true ]] || exit 0
rollout_ends "$namespace" "$APP" "${ROLLOUT_TIMEOUT:-10m}" || die "$TO does not run either; pods that were ready still serve"
say "Git still names the other version: git revert the commit that set it, or the next apply brings it back."
