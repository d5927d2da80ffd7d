#!/bin/sh
# Write config/settings.schema.json anew, after a change of the settings in src/app/settings.py.
set -eu
cd "$(dirname "$0")/../.."
PYTHONPATH=src python -c '
import json
from app.settings import Settings
print(json.dumps(Settings.model_json_schema(), indent=2))
' >config/settings.schema.json
