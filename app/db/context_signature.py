"""The app's signature of a transaction's context, without which the database trusts no context.

The key is derived from SECRET_KEY. The database stores it where the app's role cannot read it, so a client that can
only send SQL cannot sign anything (docs/threat-model.md). `flask db upgrade` stores the key in the database.
"""

import hashlib
import hmac
import json
from functools import cache
from secrets import token_bytes
from typing import Any

import psycopg
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.db.context import Context

SET_CONTEXT = "SELECT set_context(%s, %s, %s)"

_FACTS = (
    "organization_id",
    "actor_id",
    "actor_label",
    "actor_role",
    "source",
    "ip_address",
    "user_agent",
    "request_id",
    "correlation_id",
    "visit",
    "api_key_id",
    "operation_id",
    "read_only",
)


def signed(context: Context, secret_key: str) -> tuple[str, str, bytes]:
    """Return the parameters of SET_CONTEXT: the facts as JSON, the name of the key, and the signature."""
    key = _key(secret_key)
    facts = json.dumps({name: getattr(context, name) for name in _FACTS}, default=str)
    return facts, _name_of(key), hmac.digest(key, facts.encode(), hashlib.sha256)


def store_key(owner_url: str, secret_key: str, *, alone: bool = False) -> None:
    """Store the signing key in the database at the owner's address.

    Does nothing if the database's schema is older than signatures. `alone` invalidates every other key, including the
    database's own: the next statement of an open transaction is refused.
    """
    key = _key(secret_key)
    with psycopg.connect(owner_url) as connection:
        found: Any = connection.execute("SELECT to_regprocedure('add_context_key(text, bytea)')").fetchone()
        if found == (None,):
            return
        if alone:
            connection.execute("DELETE FROM context_keys")
            connection.execute("SELECT add_context_key('own', %s)", [token_bytes(32)])
        connection.execute("SELECT add_context_key(%s, %s)", [_name_of(key), key])


@cache
def _key(secret: str) -> bytes:
    return HKDF(SHA256(), length=32, salt=None, info=b"switchboard context").derive(secret.encode())


def _name_of(key: bytes) -> str:
    return hashlib.sha256(key).hexdigest()[:16]
