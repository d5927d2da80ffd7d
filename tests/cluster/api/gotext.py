"""How Go prints a value, which is how an API server's messages show one."""

from __future__ import annotations

from typing import Any


def go_text(value: Any) -> str:
    """Maps with their keys in order, lists without commas, as `%v` prints them."""
    if isinstance(value, dict):
        return "map[" + " ".join(f"{key}:{go_text(each)}" for key, each in sorted(value.items())) + "]"
    if isinstance(value, list):
        return "[" + " ".join(go_text(each) for each in value) + "]"
    return str(value)
