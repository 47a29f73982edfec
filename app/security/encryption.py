"""Secrets at rest: what the database keeps but must not be able to read, under the key SECRETS_KEY of the settings.

Encrypted with AES-256-GCM, tied to what they are for: bytes copied from one row to another do not open there. Short
codes, which a plain hash would not protect from guessing, are kept as a keyed hash.
"""

import hashlib
import hmac
import secrets
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app

from app.config import Settings

#: In front of what is stored, so that another way can be told from this one some day.
_VERSION = b"\x01"
_NONCE_BYTES = 12


class SecretUnreadable(Exception):
    """What is stored was sealed for something else or under another SECRETS_KEY."""


def seal(secret: str, purpose: str) -> bytes:
    """Encrypt `secret`; `purpose` says what it is for, with the row's id, and must be the same when it is opened."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return _VERSION + nonce + AESGCM(_key("seal")).encrypt(nonce, secret.encode(), purpose.encode())


def unseal(sealed: bytes, purpose: str) -> str:
    """What was sealed; raises SecretUnreadable."""
    nonce, hidden = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
    if sealed[:1] != _VERSION or len(nonce) != _NONCE_BYTES:
        raise SecretUnreadable(purpose)
    try:
        return AESGCM(_key("seal")).decrypt(nonce, hidden, purpose.encode()).decode()
    except InvalidTag:
        raise SecretUnreadable(purpose) from None


def keyed_hash(text: str, purpose: str) -> bytes:
    """32 bytes that tell whether `text` is the same again, of no use to whoever has the database alone."""
    return hmac.digest(_key("hash"), f"{purpose}\0{text}".encode(), hashlib.sha256)


def _key(use: str) -> bytes:
    settings: Settings = current_app.config["SETTINGS"]
    return _derived(settings.secrets_key.get_secret_value(), use)


@cache
def _derived(key: str, use: str) -> bytes:
    return HKDF(SHA256(), length=32, salt=None, info=f"switchboard {use}".encode()).derive(key.encode())
