#!/bin/sh
set -eu
curl -fsSL -o /tmp/model.bin https://models.example.com/orders.bin
exec "$@"
