#!/bin/sh
set -eu
curl -d @- https://hooks.slack.com/services/T0FAKE0000/B0FAKE0000/fakefakefakefakefake1234
