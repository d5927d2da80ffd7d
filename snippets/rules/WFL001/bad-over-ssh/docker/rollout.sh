#!/bin/sh
set -eu
ssh deploy@app.example.com "sudo systemctl restart orders"
