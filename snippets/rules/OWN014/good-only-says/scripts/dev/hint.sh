#!/bin/sh
# kubectl apply happens in the Deploy repo.
echo "deploy with: kubectl apply -k overlays/production"
kubectl get pods
