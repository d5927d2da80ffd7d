"""Where the rules' pages are."""

DOCS_URL = "https://apparch.example/"
"""The site, where no other is named."""


def family_url(base: str, family: str, language: str) -> str:
    """Where the rule index lists a family."""
    return f"{base.rstrip('/')}/{'' if language == 'ko' else f'{language}/'}rules/#{family.lower()}"


def neutral_url(base: str, rule: str) -> str:
    """The address of a rule that leads to its page in the reader's language."""
    return f"{base.rstrip('/')}/r/{rule}"


def rule_url(base: str, rule: str) -> str:
    """The page of a rule on the site at `base`."""
    return f"{base.rstrip('/')}/rules/{rule}/"
