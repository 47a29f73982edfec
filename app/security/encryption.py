"""Encryption at rest: secrets that the database stores but can't read.

They are encrypted under the setting SECRETS_KEY with AES-256-GCM, and bound to their purpose: bytes copied to another
row can't be decrypted there. Short codes, which would be easy to guess from a plain hash, are stored as a keyed hash.

After a change of the key, SECRETS_OLD_KEYS (separated by commas) can still decrypt what was encrypted before.
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

#: Prefix of the stored bytes, so that another format can be distinguished in the future.
_VERSION = b"\x01"
_NONCE_BYTES = 12


class SecretUnreadable(InternalError):
    """Error for a stored secret that is damaged, or encrypted for another purpose or with an unknown key."""

    default_message = _l("A saved secret was encrypted with another key, so it can’t be read.")
    default_advice = _l("Ask your Switchboard administrator to add the old key to SECRETS_OLD_KEYS.")


def seal(secret: str, purpose: str) -> bytes:
    """Return `secret` encrypted; decryption requires the same `purpose`, which contains the row's id."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return _VERSION + nonce + AESGCM(_derived(_keys()[0], "seal")).encrypt(nonce, secret.encode(), purpose.encode())


def unseal(sealed: bytes, purpose: str) -> str:
    """Return the decrypted secret. Raises SecretUnreadable."""
    nonce, hidden = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
    if sealed[:1] != _VERSION or len(nonce) != _NONCE_BYTES:
        raise SecretUnreadable
    for key in _keys():
        with suppress(InvalidTag):
            return AESGCM(_derived(key, "seal")).decrypt(nonce, hidden, purpose.encode()).decode()
    raise SecretUnreadable


def keyed_hash(text: str, purpose: str) -> bytes:
    """Return a 32-byte keyed hash of `text` for comparison; without the key, it can't be computed."""
    return hmac.digest(_derived(_keys()[0], "hash"), f"{purpose}\0{text}".encode(), hashlib.sha256)


def _keys() -> tuple[str, ...]:
    """Return the current key, followed by the old keys."""
    settings: Settings = current_app.config["SETTINGS"]
    former = settings.secrets_old_keys.get_secret_value().split(",")
    return (settings.secrets_key.get_secret_value(), *(key.strip() for key in former if key.strip()))


@cache
def _derived(key: str, use: str) -> bytes:
    return HKDF(SHA256(), length=32, salt=None, info=f"switchboard {use}".encode()).derive(key.encode())
