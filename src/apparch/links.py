"""Where the rules' pages are."""

DOCS_URL = "https://apparch.example/"
"""The site, where no other is named."""


def rule_url(base: str, rule: str) -> str:
    """The page of a rule on the site at `base`."""
    return f"{base.rstrip('/')}/rules/{rule}/"
