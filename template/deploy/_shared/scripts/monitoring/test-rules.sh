#!/usr/bin/env bash
# Checks and unit-tests the alert rules with promtool. Needs python3 with PyYAML to take them out of the PrometheusRule.
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
options "$@"

rules=$ROOT/_shared/monitoring/rules
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$rules"/*.test.yaml "$work"
for file in "$rules"/*.yaml; do
  [[ $file == *.test.yaml ]] && continue
  name=$(basename "$file" .yaml)
  python3 -c 'import sys, yaml; yaml.safe_dump(yaml.safe_load(sys.stdin)["spec"], sys.stdout)' \
    <"$file" >"$work/$name.rules.yaml"
done
promtool check rules "$work"/*.rules.yaml
promtool test rules "$work"/*.test.yaml
