#!/bin/sh
set -eu
kubectl -n prj-01-prod rollout undo deployment/app
