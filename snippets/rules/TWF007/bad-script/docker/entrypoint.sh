#!/bin/sh
set -eu
exec node_modules/.bin/pm2-runtime start src/main.js -i "${WORKERS:-4}"
