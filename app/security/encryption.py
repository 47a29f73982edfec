"""Secrets at rest: what the database keeps but must not be able to read, under the key SECRETS_KEY of the settings.

Encrypted with AES-256-GCM, tied to what they are for: bytes copied from one row to another do not open there. Short
codes, which a plain hash would not protect from guessing, are kept as a keyed hash.

After a change of the key, SECRETS_OLD_KEYS (comma between several) still open what was sealed before.
"""

import hashlib
import hmac
import secrets
from contextlib import suppress
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app
from flask_babel import lazy_gettext as _l

from app.config import Settings
from app.errors import InternalError

#: In front of what is stored, so that another way can be told from this one some day.
_VERSION = b"\x01"
_NONCE_BYTES = 12


class SecretUnreadable(InternalError):
    """What is stored was sealed for something else or under a key that neither setting names."""

    default_message = _l("This was stored under another key of the installation, so it cannot be read.")
    default_advice = _l("Ask whoever runs Switchboard to put the former key into SECRETS_OLD_KEYS.")


def seal(secret: str, purpose: str) -> bytes:
    """Encrypt `secret`; `purpose` says what it is for, with the row's id, and must be the same when it is opened."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return _VERSION + nonce + AESGCM(_derived(_keys()[0], "seal")).encrypt(nonce, secret.encode(), purpose.encode())


def unseal(sealed: bytes, purpose: str) -> str:
    """What was sealed; raises SecretUnreadable."""
    nonce, hidden = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
    if sealed[:1] != _VERSION or len(nonce) != _NONCE_BYTES:
        raise SecretUnreadable
    for key in _keys():
        with suppress(InvalidTag):
            return AESGCM(_derived(key, "seal")).decrypt(nonce, hidden, purpose.encode()).decode()
    raise SecretUnreadable


def keyed_hash(text: str, purpose: str) -> bytes:
    """32 bytes that tell whether `text` is the same again, of no use to whoever has the database alone."""
    return hmac.digest(_derived(_keys()[0], "hash"), f"{purpose}\0{text}".encode(), hashlib.sha256)


def _keys() -> tuple[str, ...]:
    """The key in use, then the former ones."""
    settings: Settings = current_app.config["SETTINGS"]
    former = settings.secrets_old_keys.get_secret_value().split(",")
    return (settings.secrets_key.get_secret_value(), *(key.strip() for key in former if key.strip()))


@cache
def _derived(key: str, use: str) -> bytes:
    return HKDF(SHA256(), length=32, salt=None, info=f"switchboard {use}".encode()).derive(key.encode())
