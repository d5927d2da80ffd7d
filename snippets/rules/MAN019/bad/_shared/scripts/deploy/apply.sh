#!/bin/sh
set -eu
kubectl apply -k "k8s/overlays/$ENVIRONMENT"
