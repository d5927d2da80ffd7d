#!/bin/sh
set -eu
sops -d app-secrets.enc.yaml > app-secrets.yaml
kubectl apply -f app-secrets.yaml
