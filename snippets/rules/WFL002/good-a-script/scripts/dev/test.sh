#!/bin/sh
set -eu
export PYTHONHASHSEED=0
python -m pytest --quiet
