#!/bin/sh
export STORE_PASSWORD=pixenij4zacoguq0kopamid6
