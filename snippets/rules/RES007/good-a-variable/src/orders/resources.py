"""What a Pod asks for."""


def memory(resources: dict[str, dict[str, str]]) -> str | None:
    """The memory that is requested."""
    requests = resources.get("requests", {})
    return requests.get("memory")
