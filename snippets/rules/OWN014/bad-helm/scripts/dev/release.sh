#!/bin/sh
set -eu
helm upgrade --install orders oci://ghcr.io/example/charts/orders --set image.tag="$1"
