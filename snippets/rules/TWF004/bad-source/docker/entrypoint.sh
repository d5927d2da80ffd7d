#!/bin/sh
git -C /srv/app pull --ff-only
exec "$@"
