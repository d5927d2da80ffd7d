#!/bin/sh
set -eu
sops -d app-secrets.enc.yaml 2>/dev/null | kubectl apply -f -
