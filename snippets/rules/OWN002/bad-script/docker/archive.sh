#!/bin/sh
set -eu
if [ -f orders.tar.gz ]; then
  gsutil cp orders.tar.gz gs://example-releases/
fi
