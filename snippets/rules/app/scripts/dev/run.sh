#!/bin/sh
exec python -m orders
