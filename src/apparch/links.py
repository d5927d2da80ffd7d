"""Where the rules' pages are."""

DOCS_URL = "https://apparch.example/"
"""The site, where no other is named."""


def family_url(base: str, family: str, language: str) -> str:
    """Where the rule index lists a family."""
    return f"{base.rstrip('/')}/{'' if language == 'ko' else f'{language}/'}rules/#{family.lower()}"


def neutral_url(base: str, rule: str) -> str:
    """The address of a rule, as everything prints it that speaks of one: it leads to the page in the reader's language.

    A report is read by people of either language, whichever it is written in, and the address fits a terminal's line.
    """
    return f"{base.rstrip('/')}/r/{rule}"
