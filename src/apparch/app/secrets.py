"""Secrets in text: tokens by the shape that their issuer gives them, keys, and values of what is called a secret."""

from __future__ import annotations

import base64
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

_TOKENS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "A(?:KIA|SIA)[A-Z0-9]|AIza|AGE-SECRET-KEY-|AccountKey=",
        (
            ("AWS access key", r"(?:AKIA|ASIA)[A-Z0-9]{16}"),
            ("Google API key", r"AIza[A-Za-z0-9_-]{35}"),
            ("age secret key", r"AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}"),
            ("Azure storage key", r"AccountKey=[A-Za-z0-9+/]{86}=="),
        ),
    ),
    ("gh[pousr]_[A-Za-z0-9]", (("GitHub token", r"gh[pousr]_[A-Za-z0-9]{36,}"),)),
    ("github_pat_", (("GitHub token", r"github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}"),)),
    ("gl(?:pat|rt|dt)-", (("GitLab token", r"gl(?:pat|rt|dt)-[A-Za-z0-9_-]{20,}"),)),
    (
        "x(?:ox|app)[a-z0-9]?-",
        (("Slack token", r"xox[abprs]-[A-Za-z0-9-]{20,}|xapp-[0-9]-[A-Za-z0-9-]{20,}"),),
    ),
    (
        "hooks[.]slack[.]com",
        (
            (
                "Slack webhook",
                r"https://hooks[.]slack[.]com/(?:services|workflows)/T[A-Z0-9]{6,}/[A-Za-z0-9/]{20,}",
            ),
        ),
    ),
    (
        "/api/webhooks/",
        (
            (
                "Discord webhook",
                r"https://(?:ptb[.]|canary[.])?discord(?:app)?[.]com/api/webhooks/[0-9]{17,}/[\w-]{60,}",
            ),
        ),
    ),
    (
        "_(?:live|v1)_",
        (
            ("Stripe key", r"(?:sk|rk)_live_[A-Za-z0-9]{20,}"),
            ("DigitalOcean token", r"do[opr]_v1_[a-f0-9]{64}"),
        ),
    ),
    ("SG[.][A-Za-z0-9_-]{22}", (("SendGrid key", r"SG[.][A-Za-z0-9_-]{22}[.][A-Za-z0-9_-]{43}"),)),
    ("npm_[A-Za-z0-9]{8}", (("npm token", r"npm_[A-Za-z0-9]{36}"),)),
    ("pypi-Ag", (("PyPI token", r"pypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,}"),)),
    (
        "sk-[A-Za-z0-9]",
        (
            ("OpenAI key", r"sk-(?:proj-|svcacct-)[A-Za-z0-9_-]{40,}|sk-[A-Za-z0-9]{48}"),
            ("Anthropic key", r"sk-ant-[A-Za-z0-9_-]{40,}"),
        ),
    ),
    (":AA[A-Za-z0-9_-]{33}", (("Telegram bot token", r"[0-9]{8,10}:AA[A-Za-z0-9_-]{33}"),)),
    ("hf_[A-Za-z0-9]{8}", (("Hugging Face token", r"hf_[A-Za-z0-9]{34,}"),)),
    ("hv[sb][.]", (("Vault token", r"hv[sb][.][A-Za-z0-9_-]{24,}"),)),
)
"""What stands in every file with one of some tokens, quick to find, and by issuer the shapes of those tokens."""
_KEY = re.compile(
    r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY(?: BLOCK)?-----(?=[\s\\n\"'+]{1,80}[\w+/=:,. \n-]{0,200}?[A-Za-z0-9+/=]{40})"
)
_CLIENT_KEY = re.compile(r"client-key-data:\s*LS0tLS1CRUdJTi[A-Za-z0-9+/=]{20,}")
_JWT = re.compile(r"(?<![\w-])eyJ[A-Za-z0-9_-]{10,}[.]eyJ[A-Za-z0-9_-]{10,}[.][A-Za-z0-9_-]{20,}")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]{1,20}\Z")
_URL = re.compile(r"://(?P<user>[^\s:@/\"']{0,100}):(?P<value>[^\s@/\"']{4,200})@(?P<host>[^\s/:\"']{1,200})")
_SERVED = re.compile(
    r"[\w-][.](?:mongodb[.]net|rds[.]amazonaws[.]com|cache[.]amazonaws[.]com|neon[.]tech|supabase[.]com?|psdb[.]cloud"
    r"|rlwy[.]net|aivencloud[.]com|elephantsql[.]com|upstash[.]io|redis-cloud[.]com|redislabs[.]com|cloudamqp[.]com"
    r"|ondigitalocean[.]com|(?:database|redis[.]cache|postgres|mysql|mongo[.]cosmos)[.]azure[.]com|database[.]windows[.]net|mlab[.]com)$"
)
"""Hosts of databases that anybody reaches, where a password that is a word opens as much as a random one."""
_CONNECTION = re.compile(
    r"\b(?:Server|Host|Data Source|Address)[ ]?=[ ]?(?P<host>[^;\"'\n]{1,200});(?:[^;\"'\n]{1,100};){0,10}?"
    r"[ ]?(?:Password|Pwd)[ ]?=[ ]?(?P<value>[^;\"'\s]{4,200})",
    re.IGNORECASE,
)
"""A text by which programs of .NET reach a database."""
_NAMED = re.compile(
    r"(?<![\w.-])(?P<name>[\w.-]{3,80}+)[\"']?[ \t]{0,4}(?::=|=>|=|:)[ \t]{0,4}"
    r"(?P<quote>[\"'`])?(?P<value>[^\s\"'`,;]{8,200}+)(?(quote)(?P=quote))"
)
_DERIVED = re.compile(
    r"hash|digest|fingerprint|encrypted|sealed|public|page|cursor|csrf|continuation|^(?:VITE|REACT_APP|GATSBY|VUE_APP|EXPO)_",
    re.IGNORECASE,
)
"""What a name says of what is no secret, or is built into a page that everybody gets."""
_HINT = re.compile(
    r"[Pp]ass(?:w|ph)|PASS(?:W|PH)|[Ss]ecret|SECRET|[Tt]oken|TOKEN|[Cc]redential|CREDENTIAL"
    r"|(?:[Aa]pi|API|[Pp]rivate|PRIVATE|[Aa]cc(?:ess|ount)|ACC(?:ESS|OUNT))[_-]?(?:[Kk]ey|KEY)"
)
_NAME = re.compile(
    r"\w*(?i:password|passwd|passphrase)|(?i:(?:.*[_.-])?(?:secret|token|api[_-]?key|private[_-]?key|access[_-]?key"
    r"|secret[_-]?key|account[_-]?key|credentials?))|.*[a-z0-9](?:Secret|Token|ApiKey|APIKey|PrivateKey|AccessKey|SecretKey)"
    r"|(?:.*[_.-])(?i:password|passwd|passphrase)"
)
_PLACEHOLDER = re.compile(
    r"change|example|placeholder|your|dummy|fake|sample|redacted|xxx|\.\.\.|\*\*\*|1234567|abcdef|secret|passw|test|todo|insert"
    r"|replace|foobar|demo|0000000|default|none|null|process[.]env|getenv|environ|config[.]|settings[.]|ENC\[|vault:|ssm:|sm://|arn:aws",
    re.IGNORECASE,
)
_MADE_UP = re.compile(r"\"(test|foo|hello|example|joe|John Doe|Jane Doe)\"", re.IGNORECASE)
_CODE = re.compile(r"[$%<>{}()\[\]*]")
_KEPT = 16
"""How long a value is that stands for nothing else."""
_OPEN = re.compile(
    r"change|example|placeholder|your|dummy|fake|sample|xxx|\.\.\.|insert|replace|todo|passw|test|default|demo|local|\bdev\b|://",
    re.IGNORECASE,
)
"""What a value says that is still to be filled in, or opens nothing."""
_LINE = re.compile(
    r"^(?:export[ \t]+)?(?P<name>[A-Za-z_]\w*)=[ \t]*(?P<quote>[\"']?)(?P<value>[^\s\"'#]+)(?P=quote)[ \t]*$",
    re.MULTILINE,
)
QUOTED = frozenset(
    {
        ".py",
        ".js",
        ".mjs",
        ".cjs",
        ".ts",
        ".tsx",
        ".jsx",
        ".go",
        ".java",
        ".kt",
        ".rb",
        ".rs",
        ".php",
        ".cs",
        ".ex",
        ".exs",
    }
    | {".scala", ".groovy", ".tf", ".json", ".swift", ".c", ".h", ".cpp", ".vue"}
)
"""Endings of files in which a value stands in quotes."""


CALLED = tuple(
    re.compile(each)
    for each in (
        rb"passw",
        rb"passph",
        rb"secret",
        rb"token",
        rb"credential",
        rb"key(?:(?<=apikey)|(?<=api[_-]key)|(?<=privatekey)|(?<=private[_-]key)|(?<=accesskey)|(?<=access[_-]key)"
        rb"|(?<=accountkey)|(?<=account[_-]key))",
    )
)
"""What one of stands, in lower case, in every file that holds something called a secret."""
_WORDS = tuple(re.compile(each.pattern.decode()) for each in CALLED)


@dataclass(frozen=True)
class Secret:
    """Where a secret stands in a text, and what it is; never the secret itself."""

    what: str
    begin: int
    end: int
    certain: bool
    """Whether its shape is its issuer's, so that where it stands does not matter."""


@dataclass(frozen=True)
class Shape:
    """What a secret looks like, and what tells soon that a file has none of it."""

    hint: Callable[[bytes], object]
    """Searches for it in the file as it is written."""
    find: Callable[[str], Iterator[Secret]]


def likely_in(data: bytes) -> list[Shape]:
    """The shapes of which a file may hold some."""
    return [each for each in SHAPES if each.hint(data)]


def shaped_in(text: str, shapes: Iterable[Shape]) -> Iterator[Secret]:
    """Those that are known by their own shape."""
    return (secret for each in shapes for secret in each.find(text))


def _keys(pattern: re.Pattern[str]) -> Callable[[str], Iterator[Secret]]:
    return lambda text: (
        Secret("private key", match.start(), match.end(), certain=False) for match in pattern.finditer(text)
    )


def _signed(text: str) -> Iterator[Secret]:
    for match in _JWT.finditer(text):
        if not _is_shown(match[0]):
            yield Secret("signed token (JWT)", match.start(), match.end(), certain=False)


def _in_addresses(text: str) -> Iterator[Secret]:
    begin = 0
    for match in _URL.finditer(text):
        # Looking for the scheme first would try each word of a text.
        if not _SCHEME.search(text[max(begin, match.start() - 21) : match.start()]):
            continue
        begin = match.end()
        local = match["host"].lower() in ("localhost", "127.0.0.1") or "example" in match["host"]
        served = _SERVED.search(match["host"]) is not None and not _PLACEHOLDER.search(match["value"])
        if not local and not _CODE.search(match["value"]) and (served or _is_random(match["value"])):
            yield Secret("password in a URL", match.start("value"), match.end("value"), certain=False)


def _in_connections(text: str) -> Iterator[Secret]:
    for match in _CONNECTION.finditer(text):
        host, value = match["host"].strip().lower(), match["value"]
        local = re.match(r"(?:tcp:)?(?:localhost|127[.]0[.]0[.]1|[.]|\(local)", host) is not None or "example" in host
        if not local and not _CODE.search(value) and _is_random(value):
            yield Secret("password in a connection string", match.start("value"), match.end("value"), certain=False)


def _tokens(shapes: tuple[tuple[str, str], ...]) -> Callable[[str], Iterator[Secret]]:
    def find(text: str) -> Iterator[Secret]:
        for name, shape in shapes:
            for match in re.finditer(rf"(?<![A-Za-z0-9_])(?:{shape})(?![A-Za-z0-9])", text):
                if not _is_fake(match[0]):
                    yield Secret(name, match.start(), match.end(), certain=True)

    return find


SHAPES = tuple(
    Shape(re.compile(hint.encode()).search, find)
    for hint, find in (
        *((hint, _tokens(shapes)) for hint, shapes in _TOKENS),
        ("-----BEGIN", _keys(_KEY)),
        ("client-key-data", _keys(_CLIENT_KEY)),
        ("eyJ[A-Za-z0-9_-]{10}", _signed),
        (r"://[^\s:@/\"']{0,400}:[^\s@/\"']{4}", _in_addresses),
        (r";[ ]?(?:[Pp]assword|[Pp]wd|PWD|PASSWORD)[ ]?=", _in_connections),
    )
)
"""All that are known, in the order in which they are told."""


def called_in(text: str, ending: str) -> Iterator[Secret]:
    """The values of what is called a secret, on lines with such a name: a text without what `CALLED` finds has none."""
    quoted_only = ending in QUOTED
    begin = 0
    for at in _hinted(text):
        if at < begin:
            continue
        first = text.rfind("\n", begin, at) + 1 or begin
        begin = text.find("\n", at) + 1 or len(text)
        hint = _HINT.search(text, first, begin)
        if hint is None:
            continue
        for match in _NAMED.finditer(text, max(first, hint.start() - 2000), min(begin, hint.start() + 2000)):
            value = match["value"]
            if (
                not _NAME.fullmatch(match["name"])
                or _DERIVED.search(match["name"])
                or (quoted_only and not match["quote"])
            ):
                continue
            if not _CODE.search(value) and _is_random(value) and "://" not in value:
                yield Secret(f"value of {match['name']}", match.start("value"), match.end("value"), certain=False)


def kept_in(text: str) -> Iterator[Secret]:
    """The secrets in the file of an environment, where a value that a person made up counts as one that is random."""
    for match in _LINE.finditer(text):
        value = match["value"]
        if _NAME.fullmatch(match["name"]) and not _DERIVED.search(match["name"]) and _is_kept(value):
            yield Secret(f"value of {match['name']}", match.start("value"), match.end("value"), certain=False)


def _is_kept(value: str) -> bool:
    return len(value) >= _KEPT and not _OPEN.search(value) and not _CODE.search(value) and _entropy(value) >= 3


def _hinted(text: str) -> list[int]:
    """Where lines may name a secret: at each of the words, which are found sooner than what really names one."""
    lowered = text.lower()
    if len(lowered) != len(text):  # a sign that is two in lower case
        return [each.start() for each in _HINT.finditer(text)]
    return sorted(each.start() for word in _WORDS for each in word.finditer(lowered))


def _is_random(value: str) -> bool:
    """Whether nobody would have chosen it as a word: letters and digits mixed, and no path, name or placeholder."""
    if (
        _PLACEHOLDER.search(value)
        or re.fullmatch(r"[\w.-]+(/[\w.-]+)+", value)
        or value.startswith(("/", "@", ".", "&", "!"))
    ):
        return False
    if re.fullmatch(r"(?=.*[a-z])[a-z0-9]{1,10}([-_.][a-z0-9]{1,10}){1,4}|[A-Z][a-z]*(-[A-Z][a-z]*)+", value):
        return False  # words with dashes, the name of something, as of a header
    if re.fullmatch(r"Ag[A-Za-z0-9+/=]{98,}", value):  # sealed for a cluster
        return False
    if re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", value.lower()):
        return False
    digits, letters = re.search(r"[0-9]", value), re.search(r"[A-Za-z]", value)
    if not digits and not (len(value) >= 10 and _changes(value) > 3):
        return False
    return bool(letters) and _entropy(value) >= (2.8 if len(value) < 16 else 3.2)


def _changes(value: str) -> int:
    """How often upper and lower case letters change."""
    letters = [each.isupper() for each in value if each.isalpha()]
    return sum(one != other for one, other in pairwise(letters))


def _is_shown(token: str) -> bool:
    """Whether a signed token is one that documents show: what it claims is made up."""
    claims = token.split(".")[1]
    try:
        told = base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)).decode("utf-8", "replace")
    except ValueError:
        return False
    return bool(_MADE_UP.search(told))


def _is_fake(token: str) -> bool:
    body = token[8:]
    return (
        bool(re.search(r"EXAMPLE|example|xxxx|XXXX|0{6}|1234567|abcdefg|ABCDEFG|\.\.\.|your|YOUR|test", token))
        or _entropy(body) < 2.5
    )


def _entropy(value: str) -> float:
    """Bits for each character."""
    counts = Counter(value).values()
    return -sum(each / len(value) * math.log2(each / len(value)) for each in counts) if value else 0.0
