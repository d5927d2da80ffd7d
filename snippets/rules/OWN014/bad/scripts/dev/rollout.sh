#!/bin/sh
set -eu
kubectl apply -f "$1"
