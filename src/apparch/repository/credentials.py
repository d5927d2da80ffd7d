"""Passwords, tokens and keys in texts: which are known by their form, and which names stand for one."""

from __future__ import annotations

import re
from collections.abc import Iterator

FORMS = {
    "private key": r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----\s+[A-Za-z0-9+/=\s:,-]{40}",
    "age key": r"AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}",
    "GitHub token": r"\bgh[pousr]_[A-Za-z0-9]{36}\b|\bgithub_pat_[A-Za-z0-9_]{60,}",
    "GitLab token": r"\bglpat-[A-Za-z0-9_-]{20}\b",
    "AWS access key": r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b",
    "Google key": r"\bAIza[A-Za-z0-9_-]{35}\b",
    "Slack token": r"\bxox[abposr]-[A-Za-z0-9-]{20,}",
    "Slack webhook": r"https://hooks\.slack\.com/services/T[A-Z0-9]{8,}/B[A-Z0-9]{8,}/[A-Za-z0-9]{20,}",
    "Stripe key": r"\b[rs]k_live_[A-Za-z0-9]{20,}",
    "npm token": r"\bnpm_[A-Za-z0-9]{36}\b",
    "DigitalOcean token": r"\bdo[op]_v1_[a-f0-9]{64}\b",
}
"""Forms that nothing but a credential has."""
_ANY = re.compile("|".join(f"(?P<f{at}>{form})" for at, form in enumerate(FORMS.values())))
_NAME = re.compile(
    r"(password|passwd|passphrase)$|(^|[_.-])(pwd|api[_.-]?key|access[_.-]?key|secret[_.-]?key|private[_.-]?key"
    r"|client[_.-]?secret|auth[_.-]?token|access[_.-]?token|api[_.-]?token|secret|token)$"
)
LONGEST = 500
"""How much of a value is looked at, in characters."""
SHORTEST = 8
"""How many characters a token or key has at least; what is shorter names a currency, a unit, an index."""
_NO_NAME = re.compile(r"allow[_.-]?empty|random|existing|public|csrf|header|cancel|break")
_OF_A_KEY = re.compile(
    r"([a-z][a-z_.-]*)?(password|passwd|secret|token|key|user(name)?|url|uri|dsn|credentials?|cert|ca|pass)|[a-z-]+[.](crt|key|pem)"
)
"""What a key of a Secret is called, which what ends in Key may hold in place of a value."""
_NO_VALUE = re.compile(
    r"\$|\{\{|<[^>]*>|^<|\[\[|%[({]|ENC\[|^ref\+|^op://|^vault:|^arn:|^projects/|\.\.\.|\*{3}|(?i:x{3,}|placeholder|replace"
    r"|your[_ -]|process[.]env|os[.]environ|getenv|secrets[.]|^(string|str|bytes|optional|required)$"
    r"|^(true|false|yes|no|on|off|enabled|disabled|null|none|dummy|unused|redacted|todo|tbd|n/a)$|from[_ -]secret)"
    r"|^/|^\./|^~"
)


def known(text: str) -> Iterator[tuple[str, int, int]]:
    """What is a credential by its form, with where it stands; examples of a vendor's documents are none."""
    for match in _ANY.finditer(text):
        if "EXAMPLE" not in match[0] and len(set(match[0][-12:])) > 3:
            form = next(at for at in range(len(FORMS)) if match[f"f{at}"] is not None)
            yield list(FORMS)[form], match.start(), match.end()


def names_secret(name: str) -> bool:
    """Whether a key or variable of this name holds a credential, not the name or the path of one."""
    spelled = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    return _NAME.search(spelled) is not None and _NO_NAME.search(spelled) is None


def holds(name: str, text: str) -> bool:
    """Whether a key of this name with this text is a credential written out; what ends in Secret may name an object."""
    named = name.lower().endswith("secret") and re.fullmatch(r"[a-z][a-z0-9.-]*", text)
    named = named or (name.lower().endswith("key") and _OF_A_KEY.fullmatch(text))
    short = name.lower().endswith(("token", "key")) and len(text) < SHORTEST
    return names_secret(name) and is_value(text) and not named and not short


def is_value(text: str) -> bool:
    """Whether a text is a credential itself: not empty, no reference, no mark that something else goes there."""
    return bool(text.strip()) and _NO_VALUE.search(text.strip()[:LONGEST]) is None
