#!/bin/sh
set -eu
if [ "$DRY_RUN" != "true" ]; then
  gsutil cp orders.tar.gz gs://example-releases/
fi
