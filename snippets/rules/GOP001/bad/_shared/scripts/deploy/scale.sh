#!/bin/sh
set -eu
kubectl -n prj-01-prod scale deployment/app --replicas=6
