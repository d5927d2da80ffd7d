"""A stand-in for kubeseal: its options that the documents use, its format and its cryptography, its refusals.

It does not reach the controller through the API server's proxy: the certificate and the keys are read from the Secrets
that the controller keeps. `--raw` and `--scope` are as in the original; anything that it does not know is an error.
"""

from __future__ import annotations

import argparse
import base64
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from cryptography import x509
from tests.cluster.sealing import CLUSTER_WIDE, KEY_LABEL, NAMESPACE_WIDE, NoKey, label, private_key, seal, unseal

Object = dict[str, Any]
SCOPES = {"strict": "", "namespace-wide": NAMESPACE_WIDE, "cluster-wide": CLUSTER_WIDE}


def main(arguments: list[str]) -> int:
    """The exit code."""
    options = _options().parse_args(arguments)
    try:
        _carry_out(options)
    except (OSError, ValueError, NoKey, subprocess.CalledProcessError) as error:
        detail = error.stderr if isinstance(error, subprocess.CalledProcessError) else str(error)
        print(f"error: {detail}", file=sys.stderr)
        return 1
    return 0


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("kubeseal", allow_abbrev=False)
    parser.add_argument("--format", "-o", choices=("yaml", "json"), default="json")
    parser.add_argument("--scope", choices=tuple(SCOPES), default="strict")
    for flag in ("--fetch-cert", "--re-encrypt", "--recovery-unseal", "--raw", "--validate"):
        parser.add_argument(flag, action="store_true")
    for flag in ("--cert", "--merge-into", "--name", "--context", "--kubeconfig", "--from-file"):
        parser.add_argument(flag)
    parser.add_argument("--namespace", "-n")
    parser.add_argument("--controller-name", default="sealed-secrets-controller")
    parser.add_argument("--controller-namespace", default="kube-system")
    parser.add_argument("--secret-file", "-f")
    parser.add_argument("--sealed-secret-file", "-w")
    parser.add_argument("--recovery-private-key", action="append", default=[])
    return parser


def _carry_out(options: argparse.Namespace) -> None:
    if options.fetch_cert:
        sys.stdout.write(_fetch(options))
    elif options.recovery_unseal:
        keys = [private_key(pem) for file in options.recovery_private_key for pem in _pems(Path(file))]
        _write(options, _recovered(_read(options), keys))
    elif options.re_encrypt:
        keys = [private_key(base64.b64decode(each["data"]["tls.key"])) for each in _keys(options)]
        opened = _recovered(_read(options), keys)
        opened["stringData"] = {key: base64.b64decode(value).decode() for key, value in opened.pop("data").items()}
        _write(options, _sealed(options, opened))
    elif options.raw:
        value = Path(options.from_file).read_bytes() if options.from_file else sys.stdin.buffer.read()
        annotations = {SCOPES[options.scope]: "true"}
        sys.stdout.write(seal(_certificate(options), value, label(options.namespace, options.name, annotations)))
    elif options.merge_into:
        _merge(options)
    else:
        _write(options, _sealed(options, _read(options)))


def _merge(options: argparse.Namespace) -> None:
    file = Path(options.merge_into)
    kept = yaml.safe_load(file.read_text("utf-8"))
    added = _sealed(options, _read(options))
    kept["spec"].setdefault("encryptedData", {}).update(added["spec"]["encryptedData"])
    file.write_text(_text(options, kept), "utf-8")


def _sealed(options: argparse.Namespace, secret: Object) -> Object:
    if secret.get("kind") not in {"Secret", "SealedSecret"}:
        raise ValueError(f"no Secret but {secret.get('kind')}")
    metadata = secret["metadata"]
    name, namespace = options.name or metadata["name"], options.namespace or metadata.get("namespace") or "default"
    annotations = metadata.get("annotations") or {}
    if SCOPES[options.scope]:
        annotations = annotations | {SCOPES[options.scope]: "true"}
    values = {key: base64.b64decode(value) for key, value in (secret.get("data") or {}).items()}
    values |= {key: value.encode() for key, value in (secret.get("stringData") or {}).items()}
    certificate, bound_to = _certificate(options), label(namespace, name, annotations)
    place = {"name": name, "namespace": namespace}
    described = place | ({"annotations": annotations} if annotations else {})
    template: Object = {"metadata": described | ({"labels": metadata["labels"]} if metadata.get("labels") else {})}
    if secret.get("type"):
        template["type"] = secret["type"]
    return {
        "apiVersion": "bitnami.com/v1alpha1",
        "kind": "SealedSecret",
        "metadata": described,
        "spec": {
            "encryptedData": {key: seal(certificate, value, bound_to) for key, value in sorted(values.items())},
            "template": template,
        },
    }


def _recovered(sealed: Object, keys: list[Any]) -> Object:
    metadata = sealed["metadata"]
    bound_to = label(metadata.get("namespace", "default"), metadata["name"], metadata.get("annotations") or {})
    data = {
        key: base64.b64encode(unseal(keys, value, bound_to)).decode()
        for key, value in sealed["spec"]["encryptedData"].items()
    }
    place = {"name": metadata["name"], "namespace": metadata.get("namespace", "default")}
    kind = (sealed["spec"].get("template") or {}).get("type")
    secret: Object = {"apiVersion": "v1", "kind": "Secret", "metadata": place, "data": data}
    return secret | ({"type": kind} if kind else {})


def _certificate(options: argparse.Namespace) -> x509.Certificate:
    text = Path(options.cert).read_bytes() if options.cert else _fetch(options).encode()
    certificate = x509.load_pem_x509_certificates(text)[0]
    if certificate.not_valid_after_utc < datetime.now(UTC):
        day = certificate.not_valid_after_utc.strftime("%B %-d, %Y")
        raise ValueError(f"failed to encrypt using an expired certificate on {day}")
    return certificate


def _fetch(options: argparse.Namespace) -> str:
    keys = _keys(options)
    if not keys:
        raise ValueError("cannot fetch certificate: no endpoints available for service")
    return base64.b64decode(keys[-1]["data"]["tls.crt"]).decode()


def _keys(options: argparse.Namespace) -> list[Object]:
    command = ["kubectl"]
    command += ["--context", options.context] if options.context else []
    command += ["--kubeconfig", options.kubeconfig] if options.kubeconfig else []
    command += ["-n", options.controller_namespace, "get", "secret", "-l", f"{KEY_LABEL}=active", "-o", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: list[Object] = json.loads(done.stdout)["items"]
    return sorted(found, key=lambda each: str(each["metadata"]["creationTimestamp"]))


def _pems(file: Path) -> list[bytes]:
    """The private keys of a file: PEM, or the Secrets of a backup."""
    text = file.read_text("utf-8")
    if text.startswith("-----BEGIN"):
        return [text.encode()]
    found = [each for each in yaml.safe_load_all(text) if each]
    secrets = [each for thing in found for each in thing.get("items", [thing])]
    return [base64.b64decode(each["data"]["tls.key"]) for each in secrets]


def _read(options: argparse.Namespace) -> Object:
    text = Path(options.secret_file).read_text("utf-8") if options.secret_file else sys.stdin.read()
    (found,) = [each for each in yaml.safe_load_all(text) if each]
    return dict(found)


def _write(options: argparse.Namespace, thing: Object) -> None:
    text = _text(options, thing)
    if options.sealed_secret_file:
        Path(options.sealed_secret_file).write_text(text, "utf-8")
    else:
        sys.stdout.write(text)


def _text(options: argparse.Namespace, thing: Object) -> str:
    return json.dumps(thing, indent=2) + "\n" if options.format == "json" else "---\n" + yaml.safe_dump(thing)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
