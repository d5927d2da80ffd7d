"""The judges of the family SEC: how a Deploy repo keeps secrets."""

from __future__ import annotations

import base64
import binascii
import posixpath
import re
from collections.abc import Iterator

from apparch.catalogue.model import Text
from apparch.checks._commands import said
from apparch.checks._deploy import spot
from apparch.checks._passwords import sec007, written_into_manifests
from apparch.deploy.repo import DeployRepo
from apparch.finding import Answer, Finding
from apparch.repository import Node, Place, Problem
from apparch.repository.credentials import is_value, known
from apparch.repository.dotenv import parse_generator_lines
from apparch.repository.ignore import gitignore
from apparch.repository.kustomize.objects import kind, name
from apparch.repository.places import spot as spot_of
from apparch.repository.roles import role
from apparch.repository.yaml_file import parse_yaml

SEALED, FORMS = "_shared/secrets/sealed/", "_shared/secrets/templates/"
PUBLIC = frozenset({"ca.crt", "ca.pem", "tls.crt", "ca-bundle.crt", "ca", "cert", "known_hosts"})
ARGO_PUBLIC = frozenset({"type", "url", "name", "project", "insecure", "enableOCI", "server", "forceHttpBasicAuth"})
_EXAMPLE = re.compile(r"(?i)(example|sample|template|dist|skeleton)")
_ENCRYPTED = re.compile(r"ENC\[AES256_GCM|^sops[:_]|\"sops\":|-----BEGIN (AGE ENCRYPTED|PGP MESSAGE)", re.MULTILINE)
DEPTHS = ("", "k8s/overlays/production/")
KEPT_OUT = {
    "*.secret.yaml": ("app.secret.yaml",),
    "kubeconfig": ("kubeconfig",),
    "age key": ("age.key", "keys.txt", "production.agekey", "age.agekey", "key.txt"),
}
KEPT_OUT_KO = {"*.secret.yaml": "*.secret.yaml", "kubeconfig": "kubeconfig", "age key": "age 키"}


def sec001(deploy: DeployRepo) -> Iterator[Answer]:
    """Secret values are committed encrypted only."""
    for path, objects in deploy.manifests.items():
        for node in objects:
            if kind(node) == "Secret" and (node.at("apiVersion").text or "") == "v1":
                yield from _plain_secret(path, node)
    for file, node in deploy.kustomizations.items():
        for made in node.at("secretGenerator").elements():
            yield from _generated(deploy, file, made)
    yield from written_into_manifests(deploy)
    yield from _by_form(deploy)


def _plain_secret(path: str, node: Node) -> Iterator[Answer]:
    if node.at("sops").present or _EXAMPLE.search(path.rpartition("/")[2]):
        return
    argo = any(key.startswith("argocd.argoproj.io/secret-type") for key, _ in node.at("metadata", "labels").items())
    held = [
        (key, node.at(field).key(key))
        for field in ("data", "stringData")
        for key, value in node.at(field).items()
        if key not in PUBLIC
        and not (argo and key in ARGO_PUBLIC)
        and is_value(_decoded(value.text) if field == "data" else str(value))
        and value.value not in (None, "")
    ]
    if held:
        keys = ", ".join(key for key, _ in held)
        message = Text(
            ko=f"Secret {name(node)}에 암호화하지 않은 값이 있다: {keys}",
            en=f"Secret {name(node)} holds values that are not encrypted: {keys}",
        )
        yield Finding("SEC001", held[0][1], message, secret=True)


def _decoded(text: str | None) -> str:
    try:
        return base64.b64decode(text or "", validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return text or ""


def _generated(deploy: DeployRepo, file: str, made: Node) -> Iterator[Answer]:
    label = made.at("name").text or ""
    for literal in made.at("literals").elements():
        key, equals, value = (literal.text or "").partition("=")
        if equals and is_value(value.strip("'\"")):
            yield _unsealed(literal.place, label, key)
    for entry in [*made.at("envs").elements(), *([made.at("env")] if made.at("env").text else [])]:
        path = posixpath.normpath(posixpath.join(posixpath.dirname(file), entry.text or ""))
        lines = deploy.root.parsed(path, parse_generator_lines) if deploy.root.has(path) else ()
        text = deploy.root.text(path)
        if isinstance(lines, Problem) or (isinstance(text, str) and _ENCRYPTED.search(text)):
            continue
        for line in lines:
            if is_value(line.value.strip("'\"")):
                yield _unsealed(line.place, label, line.name)
                break
    for entry in made.at("files").elements():
        key, _, named = (entry.text or "").rpartition("=")
        path = posixpath.normpath(posixpath.join(posixpath.dirname(file), named))
        text = deploy.root.text(path) if deploy.root.has(path) else ""
        if isinstance(text, str) and is_value(text) and not _ENCRYPTED.search(text) and named not in PUBLIC:
            yield _unsealed(Place(path), label, key or posixpath.basename(named))


def _unsealed(place: Place, label: str, key: str) -> Finding:
    message = Text(
        ko=f"Secret {label}의 값 {key}: 암호화하지 않고 커밋했다",
        en=f"the value {key} of Secret {label} is not encrypted",
    )
    return Finding("SEC001", place, message, secret=True)


def _by_form(deploy: DeployRepo) -> Iterator[Answer]:
    for path in deploy.files:
        if role(path) in ("test", "vendored", "generated", "example") or path.endswith((".lock", ".sum", ".svg")):
            continue
        text = "" if path.endswith((".png", ".jpg", ".gif", ".ico", ".pdf", ".tgz")) else deploy.root.text(path)
        if isinstance(text, Problem):
            continue
        for form, begin, end in known(text):
            message = Text(ko=f"암호화하지 않은 자격 증명이 있다: {form}", en=f"a credential in plain text: {form}")
            yield Finding("SEC001", spot_of(path, text, begin, min(end, begin + 20)), message, secret=True)


def sec002(deploy: DeployRepo) -> Iterator[Answer]:
    """No script writes a decrypted secret into a file."""
    for each in said(deploy):
        words = each.command.words
        if each.command.name != "sops" or not {"-d", "--decrypt", "decrypt"} & set(words):
            continue
        target = re.search(r"(?<![<0-9&])>{1,2}\s*(?!&|/dev/)([^\s;|&)]+)", each.line)
        into = next((word for word in words if word.split("=")[0] in ("-i", "--in-place", "--output")), "")
        if target or into:
            option = target[1] if target else into
            yield Finding(
                "SEC002",
                each.place,
                Text(
                    ko=f"복호화한 값을 파일에 쓴다: {option}", en=f"a decrypted secret is written to a file: {option}"
                ),
            )


def sec003(deploy: DeployRepo) -> Iterator[Answer]:
    """Sealed secrets and empty forms have their places."""
    prefix = deploy.repository.prefix
    for path, objects in deploy.manifests.items():
        inner = path.removeprefix(prefix)
        for node in objects:
            keys = [value for field in ("data", "stringData") for _, value in node.at(field).items()]
            if kind(node) == "SealedSecret" and not inner.startswith(SEALED):
                yield Finding(
                    "SEC003",
                    spot(node.at("kind")),
                    Text(
                        ko=f"SealedSecret {name(node)}: {SEALED} 아래에 둔다",
                        en=f"SealedSecret {name(node)} does not lie below {SEALED}",
                    ),
                )
            elif (
                kind(node) == "Secret"
                and keys
                and all(value.value in (None, "") for value in keys)
                and not inner.startswith(FORMS)
            ):
                yield Finding(
                    "SEC003",
                    spot(node.at("kind")),
                    Text(
                        ko=f"값이 없는 Secret {name(node)}: 양식은 {FORMS} 아래에 둔다",
                        en=f"the form of Secret {name(node)} does not lie below {FORMS}",
                    ),
                )


def sec004(deploy: DeployRepo) -> Iterator[Answer]:
    """.gitignore keeps plain secrets and keys out, and sealed files in."""
    ignore = gitignore(deploy.root)
    prefix = deploy.repository.prefix
    where = Place(".gitignore")
    missing = [
        label
        for label, names in KEPT_OUT.items()
        if not any(all(ignore.excluded(f"{prefix}{depth}{each}") for depth in DEPTHS) for each in names)
    ]
    if missing:
        ko, en = ", ".join(KEPT_OUT_KO[each] for each in missing), ", ".join(missing)
        message = Text(ko=f".gitignore가 막지 않는 것: {ko}", en=f".gitignore does not keep out: {en}")
        yield Finding("SEC004", where, message)
    line = ignore.decided(f"{prefix}{SEALED}production/app-secrets.yaml")
    if line is not None and not line.negated:
        message = Text(ko="봉인한 파일까지 막는다", en="sealed files are kept out as well")
        yield Finding("SEC004", line.place, message)


def sec005(deploy: DeployRepo) -> Iterator[Answer]:
    """SOPS goes by paths, and its results are named so."""
    prefix = deploy.repository.prefix
    rules = next((each for each in (f"{prefix}.sops.yaml", ".sops.yaml") if deploy.root.has(each)), None)
    documents = deploy.root.parsed(rules, parse_yaml) if rules else ()
    for node in () if isinstance(documents, Problem) else documents:
        for rule in node.at("creation_rules").elements():
            if not rule.at("path_regex").text and not rule.at("filename_regex").text:
                message = Text(ko="규칙에 path_regex가 없다", en="a creation rule has no path_regex")
                yield Finding("SEC005", spot(rule), message)
    for path in deploy.files:
        if role(path) not in ("product", "development") or not path.endswith((".yaml", ".yml")):
            continue
        found = deploy.root.parsed(path, parse_yaml) if not deploy.root.in_chart(path) else ()
        for node in () if isinstance(found, Problem) else found:
            if node.at("sops", "mac").present and not path.endswith((".enc.yaml", ".enc.yml")):
                yield Finding(
                    "SEC005",
                    Place(path),
                    Text(
                        ko=f"SOPS로 암호화한 파일의 이름이 *.enc.yaml이 아니다: {path}",
                        en=f"{path} is encrypted with SOPS and not named *.enc.yaml",
                    ),
                )


def sec009(deploy: DeployRepo) -> Iterator[Answer]:
    """The sealing keys are saved more often than every 30 days."""
    for path in deploy.files:
        if not path.endswith(".timer") or role(path) != "product":
            continue
        text, service = deploy.root.text(path), deploy.root.text(f"{path.removesuffix('.timer')}.service")
        if not isinstance(text, str) or not isinstance(service, str) or not _saves_keys(deploy, service):
            continue
        rare = re.search(r"^OnCalendar=\s*(monthly|quarterly|semiannually|yearly|annually)\s*$", text, re.MULTILINE)
        if rare:
            message = Text(
                ko=f"봉인 키의 백업이 {rare[1]}이다: 키는 30일마다 갱신된다",
                en=f"the sealing keys are saved {rare[1]}, and renewed every 30 days",
            )
            yield Finding("SEC009", spot_of(path, text, rare.start(1), rare.end(1)), message)


def _saves_keys(deploy: DeployRepo, service: str) -> bool:
    """Whether one of the scripts that a unit starts reads the keys of the SealedSecrets controller."""
    started = [word.rpartition("/")[2] for word in re.findall(r"^ExecStart=(\S+)", service, re.MULTILINE)]
    texts = [deploy.root.text(path) for path in deploy.files if path.rpartition("/")[2] in started]
    return any(isinstance(text, str) and "sealed-secrets-key" in text for text in texts)


__all__ = ["sec007"]
