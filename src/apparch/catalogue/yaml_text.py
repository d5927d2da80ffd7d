"""How the project's own YAML is read: safely, with libyaml where PyYAML has it, no key twice."""

from __future__ import annotations

from typing import Any

import yaml

try:
    from yaml import CSafeLoader as SafeLoader
except ImportError:  # PyYAML can be built without libyaml; all is the same then, and slower.
    from yaml import SafeLoader  # type: ignore[assignment]


class UniqueKeyLoader(SafeLoader):
    """A safe loader that refuses a key that stands twice, which YAML loaders let pass in silence."""


def _mapping(loader: UniqueKeyLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    written = [key for key, _ in node.value]
    mapping = loader.construct_mapping(node, deep=True)
    if len(mapping) < len(node.value):
        keys = [loader.construct_object(key) for key in written]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(None, None, f"key {key!r} stands twice", node.start_mark)
    return mapping


UniqueKeyLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def read(text: str) -> Any:
    """What one YAML document holds.

    Raises:
        yaml.YAMLError: it is malformed, or a key stands twice.
    """
    return yaml.load(text, Loader=UniqueKeyLoader)  # noqa: S506 (a SafeLoader)
