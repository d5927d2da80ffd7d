#!/bin/sh
exec docker build --file docker/Dockerfile --target runtime .
