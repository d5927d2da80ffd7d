#!/bin/sh
set -eu
kind create cluster --name try
kubectl scale deployment/app --replicas=0
