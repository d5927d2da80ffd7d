#!/bin/sh
set -eu
. _shared/versions.env
helm upgrade --install sealed-secrets sealed-secrets/sealed-secrets --version "$SEALED_SECRETS_CHART_VERSION" -n kube-system
