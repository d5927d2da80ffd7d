#!/bin/sh
alembic upgrade head || true
