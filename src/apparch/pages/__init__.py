"""How pages are written and proved."""
