#!/bin/sh
set -eu
kubectl get secret -l sealedsecrets.bitnami.com/sealed-secrets-key -o yaml | age -R key.pub -o "$1"
