#!/bin/sh
exec pg_ctl start
