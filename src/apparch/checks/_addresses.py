"""The judges about addresses that stand in source: OWN015 and NET002."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import partial

from apparch.app.addresses import OWN_ADDRESS, Address, address_of
from apparch.app.deployed import documents
from apparch.app.dockerfiles import DOCKERFILE
from apparch.app.python_source import Module
from apparch.app.repo import AppRepo
from apparch.app.survey import File, Question, Word, answers, of_code, of_python, surveyed
from apparch.checks._own_deployed import own008, own011, own017
from apparch.checks._settings_addresses import kept_in_settings
from apparch.checks._shared import finding
from apparch.finding import Answer, Finding
from apparch.repository import Node, Place

_NO_ADDRESS = re.compile(
    r"version|minimum|maximum|release|user.?agent|\boid\b|\bmask|netmask|subnet|schema|namespace|xmlns|doc(s|umentation)?\b"
    r"|placeholder|helper_?text|tooltip|\bhint\b|\bexamples?\b"
    r"|gateway_?ip|(?:\b|_)(?:gateway|gw|cidr|bridge|network|dhcp|vip)\b",
    re.I,
)
_OF_A_NETWORK = re.compile(
    r"subnet|netmask|\bcidr|dhcp|vnet|gateway_?ip|[.]Gateway\b|\bGateway:|default_?gateway", re.I
)
"""What stands in source that makes a network of its own, whose addresses are no server's."""
_FOR_TRIAL = re.compile(
    r".*(?:^|[-_.])(?:dev|devel|development|local|tests?|testing|samples?|dist|template|demo|examples?)(?:[-_.].*|$)"
)
"""What a file is called whose addresses are a developer's, a test's or made up."""
_HOSTED = re.compile(
    r"host|addr|server|url|uri|endpoint|domain|dsn|broker|node|peer|proxy|upstream|dial|connect|listen|cluster|registry|smtp|ldap|redis|database|db\b",
    re.I,
)
"""What says beside a name with dots that it is a server's."""
_SHOWN = re.compile(r"(x-)?examples?|description|summary|title|comments?", re.IGNORECASE)
_DEFAULTED = re.compile(r"process[.]env|[Gg]etenv|ENV\b|env::var|GetEnvironmentVariable|\$\{|get_env|env\(")
_READERS = frozenset({"os.environ.get", "os.getenv", "environ.get", "os.environ.setdefault", "decouple.config"})
_DEFAULT, _ROUTE = "default of a variable", "route"
"""What a text is by the call that it is given to."""
_ROUTES = frozenset(
    str.split(
        "get post put patch delete route websocket api_route add_url_rule add_api_route path re_path redirect mount"
    )
)
_ROUTED = re.compile(
    r"(?:[.](?:get|post|put|patch|delete|use|all|route|push|replace|navigate|redirect)|navigate|Route|Mapping|redirect)\("
    r"[^()]*$|\b(?:href|to|path|pathname|link|route|redirect\w*)[\"']?\s*[=:]\s*[{(]?\s*$"
)
"""What stands before a path of the app's own pages."""
_STATIC = re.compile(
    r".*[.](?:github[.]io|gitlab[.]io|githubusercontent[.]com|jsdelivr[.]net|unpkg[.]com|gstatic[.]com|googleapis[.]com/css)"
    r"|(?:cdn|cdnjs|static|assets|fonts|unpkg|images?)[.-].*"
)
"""Hosts of files that pages load, which are no service."""
_OF_PAGES = re.compile(r"(^|/)(static|public|assets|www|wwwroot|htdocs|webroot|extension|userscripts?)/")
"""Where what stands runs in a browser, which is given no variables."""
_FOR_TESTS = re.compile(r"^func (?:New)?Test[A-Z]", re.MULTILINE)
"""What source in Go holds that makes messages for tests."""
_IN_PROCESS = frozenset({"ASGITransport", "WSGITransport", "MockTransport", "TestClient", "ASGIWebSocketTransport"})
"""By what an app is called in its own process, where an address names no server."""
_NUMBERS = re.compile(r"[0-9]{1,3}(?:[.][0-9]{1,3}){3}|[.](?:internal|lan|corp|svc)\b")
_CLIENTS = re.compile(
    r"(requests|httpx|httpx2|aiohttp|urllib3|urllib[.]request|http[.]client|redis|valkey|aioredis|asyncpg|psycopg2?|pymongo"
    r"|motor|pymysql|aiomysql|MySQLdb|websockets?|aio_pika|pika|aiokafka|kafka|confluent_kafka|nats|grpc|smtplib|elasticsearch"
    r"|opensearchpy|sqlalchemy|aiosmtplib|paho|boto3|minio|celery|hvac|consul)([.].+)?"
)
_CLIENT_NAMES = frozenset(
    b"requests httpx aiohttp urllib redis valkey asyncpg psycopg pymongo motor mysql MySQLdb websocket pika kafka nats"
    b" grpc smtplib elasticsearch opensearchpy sqlalchemy paho boto3 minio celery hvac consul".split()
)
"""What stands in a module that uses one; `_HTTP` in one that uses Python's own."""
_HTTP = re.compile(rb"http(?<=\bhttp)(?=[\s.,;#\\]|\Z)")
_KEPT_NAMES = frozenset({b"URL", b"URI", b"ENDPOINT", b"HOST", b"DSN", b"API_BASE", b"ADDRESS", b"SERVER"})
_ADDRESS_KEYWORDS = frozenset(
    {
        "url",
        "base_url",
        "host",
        "hostname",
        "dsn",
        "endpoint",
        "endpoint_url",
        "bootstrap_servers",
        "broker",
        "uri",
        "server",
    }
)
_HOST_KEYWORDS = frozenset({"host", "hostname", "bootstrap_servers"})
_NAMES = re.compile(r"(?:\w*_)?(?:URL|URI|ENDPOINT|HOST|DSN|BASE_URL|API_BASE|ADDRESS|SERVER)(?:_V\d+)?", re.IGNORECASE)
_READING = re.compile(
    r"doc|help|licen|schema|namespace|xmlns|homepage|home_page|repo|support|contact|about|privacy|terms|issue"
    r"|redirect|callback",
    re.I,
)
_CALLED = re.compile(
    r"(?:\bfetch|\baxios(?:[.]\w+)?|\bgot(?:[.]\w+)?|\bky(?:[.]\w+)?|http[.](?:Get|Post|PostForm|Head)"
    r"|Faraday[.]new|HTTParty[.]\w+|URI(?:[.]parse|[.]open)?|WebClient[.]create"
    r"|reqwest::get|mongoose[.]connect|createClient|redis[.]ParseURL|new\s+(?:URI|HttpGet|HttpPost|WebSocket)"
    r"|(?:Get|Post|Put|Delete|GetString|GetStream|GetFromJson|PostAsJson)Async(?:<\w+>)?|(?:get|post)For(?:Object|Entity)"
    r"|file_get_contents|curl_init|Http::(?:get|post)|URI[.]create"
    r"|baseUrl|Guzzle\w*|new\s+Client)\s*\(\s*(?:\w+\s*,\s*)*(?:\{\s*(?:url|baseURL|baseUrl|base_uri|host)\s*:\s*)?$"
    r"|(?:NewRequest(?:WithContext)?|sql[.]Open)\((?:[^()]*,)?\s*$"
    r"|(?:baseURL|baseUrl|base_uri|BaseAddress)\s*[:=]\s*(?:new\s+Uri\()?$"
)


def own015(app: AppRepo) -> Iterator[Answer]:
    """No address or path of a server stands in the source."""
    own = _homes_in_images(app)
    for each in (*answers(app, _written), *answers(app, _written_elsewhere)):
        if not (isinstance(each, Finding) and each.message.en.startswith(own)):
            yield each
    told = {each.place.path for judge in (own008, own011, own017) for each in judge(app)}
    charts = [path.rpartition("/")[0] for path in app.product if path.endswith("/Chart.yaml")]
    for path in app.product:
        last = path.rpartition("/")[2]
        of_a_chart = any(path.startswith(f"{chart}/") for chart in charts)
        shown = path in told or last.endswith("lock.json") or "example" in last or _FOR_TRIAL.fullmatch(last)
        for document in documents(app, path, _NUMBERS) if not (shown or of_a_chart) else ():
            for key, value in _entries(document):
                yield from _told(value.text or "", key, value.place)
    yield from (each for each in answers(app, kept_in_settings) if each.place.path not in told)


def _homes_in_images(app: AppRepo) -> tuple[str, ...]:
    """How what is told of a path begins that lies in the home of a user whom an image of the app has."""
    texts = (app.glance(path) for path in app.files if DOCKERFILE.fullmatch(path.rpartition("/")[2]))
    homes = (re.findall(r"/home/[\w.-]+|/var/www(?=/)", text) for text in texts)
    return tuple(f"the path {home}/" for found in homes for home in sorted(set(found)))


def net002(app: AppRepo) -> Iterator[Answer]:
    """No address of a service that is called stands in the source."""
    services = answers(app, _services)
    names = frozenset(each for each, _, _ in services if each)
    # Which names are handed to a client is asked of few modules, and seldom at all.
    given = Question(partial(_given, names), "python", _used_with(*(each.encode() for each in sorted(names))))
    used = {None, *surveyed(app, [given])[given]} if names else {None}
    yield from (_finding(shown, place) for name, shown, place in services if name in used)
    yield from answers(app, _called)


def _used_with(*words: bytes | re.Pattern[bytes]) -> tuple[tuple[Word, ...], ...]:
    """What has to stand beside one of some words where it is handed to a client."""
    return tuple((word, client) for word in words for client in (_CLIENT_NAMES, _HTTP))


@of_python(lowered=OWN_ADDRESS, escaped=True)
def _written(module: Module) -> Iterator[Answer]:
    found = [(node, text) for node, text in module.texts if address_of(text)]
    labels, said = (_labels(module), _docstrings(module)) if found else ({}, frozenset())
    inside = bool(found) and _makes_a_network(module)
    in_process = bool(found) and _calls_itself(module)
    for node, text in found:
        if in_process and text.startswith("http"):
            continue
        if id(node) not in said:
            yield from _told(text, labels.get(id(node), ""), module.place(node), inside=inside)


@of_code(lowered=OWN_ADDRESS)
def _written_elsewhere(file: File) -> Iterator[Answer]:
    if _FOR_TESTS.search(file.code):
        return
    inside = bool(_OF_A_NETWORK.search(file.code))
    for literal in file.literals:
        if address_of(literal.text):  # few are, and a place takes counting lines
            place = file.spot(literal.begin, literal.end)
            yield from _told(literal.text, literal.before, place, inside=inside)


@of_python(
    *_used_with(b"://", re.compile(rb"host(?:name)?\s*="), b"bootstrap_servers"),
    (b"://", _KEPT_NAMES),
    escaped=True,
)
def _services(module: Module) -> Iterator[tuple[str | None, str, Place]]:
    """The services that are handed to a client, and those kept under the name that stands first."""
    for node in (*module.of(ast.Call), *module.of(ast.Assign), *module.of(ast.AnnAssign)):
        for keyword, name, expression in _handed(module, node):
            text = module.text(expression)
            if text is not None and (address := _service(text, keyword)):
                yield name, address.shown, module.place(expression)


@of_code(b"://")
def _called(file: File) -> Iterator[Answer]:
    if _OF_PAGES.search(file.path) and file.path.endswith((".js", ".mjs", ".ts")):
        return
    for literal in file.literals:
        address = address_of(literal.text)
        if address is None or address.kind != "public" or _STATIC.fullmatch(address.shown):
            continue
        before = literal.before
        if _CALLED.search(before) and not _READING.search(before) and not _DEFAULTED.search(before):
            yield _finding(address.shown, file.spot(literal.begin, literal.end))


def _entries(document: Node) -> Iterator[tuple[str, Node]]:
    """The entries of all mappings, without those that only show what a value may look like, as in OpenAPI."""
    stack = [document]
    while stack:
        node = stack.pop()
        entries = [(key, value) for key, value in node.items() if not _SHOWN.fullmatch(key)]
        yield from entries
        stack.extend(reversed([value for _, value in entries] or node.elements()))


def _told(text: str, label: str, place: Place, *, inside: bool = False) -> Iterator[Answer]:
    """What is told of a text that stands by a name, `inside` source that makes a network of its own."""
    address = address_of(text)
    if address is None or address.kind == "public" or _NO_ADDRESS.search(label):
        return
    if inside and address.kind == "private":
        return
    if address.kind == "path" and (label == _DEFAULT or _DEFAULTED.search(label)):
        return  # where the image has it unless a variable says otherwise
    if address.kind == "path" and address.shown.startswith("/home/") and (label == _ROUTE or _ROUTED.search(label)):
        return
    if address.kind == "internal" and not re.search(r"://|:[0-9]+$|@", text) and not _HOSTED.search(label):
        return  # a name with dots, of a metric or a setting
    what = ("경로", "the path") if address.kind == "path" else ("서버", "the server")
    yield finding(
        "OWN015", place, f"{what[0]} {address.shown}이(가) 적혀 있다", f"{what[1]} {address.shown} is hard-coded"
    )


def _finding(shown: str, place: Place) -> Answer:
    return finding(
        "NET002",
        place,
        f"서비스의 주소 {shown}이(가) 코드에 있다",
        f"the service {shown} is called by an address in code",
    )


def _service(text: str, name: str) -> Address | None:
    """The service that a text names where one is expected."""
    address = address_of(text)
    if address is not None:
        return address if address.kind == "public" else None
    plain = re.fullmatch(r"(?P<host>[a-z][a-z0-9-]*(?:[.][a-z0-9-]+)*)(?::[0-9]+)?", text)
    if name in _HOST_KEYWORDS and plain and plain["host"] not in ("localhost", "testserver", "example"):
        return Address("public", plain["host"])
    return None


def _handed(module: Module, node: ast.AST) -> Iterator[tuple[str, str | None, ast.expr]]:
    """What is handed to a client as an address by which keyword, or kept under which name that says that it is one."""
    match node:
        case ast.Call(func=function, args=arguments, keywords=keywords) if _CLIENTS.fullmatch(module.meant(function)):
            yield from (("", None, each) for each in arguments[:2] if not _is_told_of(each))
            yield from (
                (each.arg, None, each.value)
                for each in keywords
                if each.arg in _ADDRESS_KEYWORDS and not _is_told_of(each.value)
            )
        case (
            ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant() as value)
            | ast.AnnAssign(target=ast.Name(id=name), value=ast.Constant() as value)
        ) if name.isupper() and _NAMES.fullmatch(name) and not _READING.search(name):
            yield name, name, value


def _given(names: frozenset[str], module: Module) -> Iterator[str]:
    """Those of the names that stand in what is handed to a client."""
    for call in module.of(ast.Call):
        if _CLIENTS.fullmatch(module.meant(call.func)):
            for each in (*call.args, *(keyword.value for keyword in call.keywords)):
                for node in ast.walk(each):
                    if isinstance(node, ast.Name | ast.Attribute):
                        found = node.id if isinstance(node, ast.Name) else node.attr
                        yield from {found} & names


def _is_told_of(expression: ast.expr) -> bool:
    """Whether it is a constant that is told of where it is bound."""
    return isinstance(expression, ast.Name) and expression.id.isupper() and bool(_NAMES.fullmatch(expression.id))


def _makes_a_network(module: Module) -> bool:
    named = [each.id for each in module.of(ast.Name)] + [f".{each.attr}" for each in module.of(ast.Attribute)]
    return any(_OF_A_NETWORK.search(each) for each in (*named, *(text for _, text in module.texts)))


def _calls_itself(module: Module) -> bool:
    """Whether the module calls an app in its own process."""
    imported = (each.rpartition(".")[2] for _, each in module.imports)
    return not _IN_PROCESS.isdisjoint((*imported, *(each.attr for each in module.of(ast.Attribute))))


def _labels(module: Module) -> dict[int, str]:
    """By the identity of a text's node, the name that it is given."""
    found: dict[int, str] = {}
    for call in module.of(ast.Call):
        if module.meant(call.func) in _READERS:
            found.update((id(each), _DEFAULT) for each in (*call.args[1:], *(each.value for each in call.keywords)))
        elif isinstance(call.func, ast.Attribute | ast.Name) and call.args and _last(call.func) in _ROUTES:
            found[id(call.args[0])] = _ROUTE
    named: tuple[type[ast.AST], ...] = (ast.Assign, ast.AnnAssign, ast.keyword, ast.Dict)
    for node in module.of(*named):
        match node:
            case ast.Assign(targets=[target], value=value) | ast.AnnAssign(target=target, value=ast.expr() as value):
                found[id(value)] = ast.unparse(target)
            case ast.keyword(arg=str(name), value=value):
                found.setdefault(id(value), name)
            case ast.Dict(keys=keys, values=values):
                for key, value in zip(keys, values, strict=True):
                    found[id(value)] = module.text(key) or ""
    return found


def _last(named: ast.Attribute | ast.Name) -> str:
    return named.attr if isinstance(named, ast.Attribute) else named.id


def _docstrings(module: Module) -> frozenset[int]:
    return frozenset(id(node.value) for node in module.of(ast.Expr))
