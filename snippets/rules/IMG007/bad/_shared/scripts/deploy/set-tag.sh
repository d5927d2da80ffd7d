#!/bin/sh
set -eu
cd "k8s/overlays/$1"
kustomize edit set image ghcr.io/org/app=ghcr.io/org/app:latest
