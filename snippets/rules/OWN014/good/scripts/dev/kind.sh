#!/bin/sh
set -eu
kind create cluster --name orders
kubectl --context kind-orders apply -f tests/orders.yaml
