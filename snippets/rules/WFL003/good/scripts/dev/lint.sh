#!/bin/sh
set -eu
ruff check .
mypy src
