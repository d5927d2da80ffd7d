#!/bin/sh
exec psql orders
