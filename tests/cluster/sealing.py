"""How sealed-secrets encrypts a value: a session key by RSA-OAEP, the value by AES-GCM, bound to where it belongs."""

from __future__ import annotations

import base64
import os
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.x509.oid import NameOID

CLUSTER_WIDE = "sealedsecrets.bitnami.com/cluster-wide"
NAMESPACE_WIDE = "sealedsecrets.bitnami.com/namespace-wide"
KEY_LABEL = "sealedsecrets.bitnami.com/sealed-secrets-key"
_SESSION_KEY_BYTES = 32
# A session key encrypts one value only, so its nonce may be any.
_NONCE = bytes(12)
_LENGTH_BYTES = 2


class NoKey(Exception):
    """None of the keys opens the value."""


def label(namespace: str, name: str, annotations: dict[str, str]) -> bytes:
    """What a value is bound to: its namespace and name, unless an annotation widens that."""
    if annotations.get(CLUSTER_WIDE) == "true":
        return b""
    if annotations.get(NAMESPACE_WIDE) == "true":
        return namespace.encode()
    return f"{namespace}/{name}".encode()


def seal(certificate: x509.Certificate, value: bytes, bound_to: bytes) -> str:
    """The value as `encryptedData` holds it."""
    session = os.urandom(_SESSION_KEY_BYTES)
    public = certificate.public_key()
    assert isinstance(public, rsa.RSAPublicKey)
    wrapped = public.encrypt(session, _oaep(bound_to))
    sealed = len(wrapped).to_bytes(_LENGTH_BYTES, "big") + wrapped + AESGCM(session).encrypt(_NONCE, value, None)
    return base64.b64encode(sealed).decode()


def unseal(keys: list[rsa.RSAPrivateKey], sealed: str, bound_to: bytes) -> bytes:
    """The value; raises NoKey where no key opens it for that place."""
    try:
        data = base64.b64decode(sealed, validate=True)
    except ValueError as error:
        raise NoKey(f"illegal base64 data: {error}") from error
    length = int.from_bytes(data[:_LENGTH_BYTES], "big")
    wrapped, body = data[_LENGTH_BYTES : _LENGTH_BYTES + length], data[_LENGTH_BYTES + length :]
    for key in keys:
        try:
            return AESGCM(key.decrypt(wrapped, _oaep(bound_to))).decrypt(_NONCE, body, None)
        except (ValueError, InvalidTag):
            continue
    raise NoKey("no key could decrypt secret")


def new_key(now: datetime, lifetime: timedelta) -> tuple[bytes, bytes]:
    """A private key and its certificate, both as PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sealed-secrets")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + lifetime)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private, certificate.public_bytes(serialization.Encoding.PEM)


def private_key(pem: bytes) -> rsa.RSAPrivateKey:
    """Read a private key; raises ValueError."""
    key = serialization.load_pem_private_key(pem, None, unsafe_skip_rsa_key_validation=True)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


def _oaep(bound_to: bytes) -> padding.OAEP:
    return padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), bound_to)
