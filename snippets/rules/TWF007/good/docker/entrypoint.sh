#!/bin/sh
set -eu
exec celery --app orders worker --concurrency 1
