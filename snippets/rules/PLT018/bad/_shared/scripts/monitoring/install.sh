#!/bin/sh
set -eu
helm upgrade --install sealed-secrets sealed-secrets/sealed-secrets --version 2.17.7 -n kube-system
