"""Secrets at rest: readable only with the key and for their purpose."""

import pytest
from flask import Flask
from pydantic import SecretStr

from app.security.encryption import SecretUnreadable, keyed_hash, seal, unseal


def test_what_was_sealed_is_read_again(app: Flask) -> None:
    with app.app_context():
        sealed = seal("ключ", "second factor of Maya")

        assert unseal(sealed, "second factor of Maya") == "ключ"
        assert "ключ".encode() not in sealed
        assert seal("ключ", "second factor of Maya") != sealed, "the same secret twice looks different"


def test_it_opens_for_nobody_else(app: Flask) -> None:
    with app.app_context():
        sealed = seal("secret", "second factor of Maya")

        with pytest.raises(SecretUnreadable):
            unseal(sealed, "second factor of Eve")


@pytest.mark.parametrize("damage", [b"", b"\x01", b"\x02" + bytes(40), b"\x01" + bytes(40)])
def test_what_is_damaged_is_no_secret(app: Flask, damage: bytes) -> None:
    with app.app_context(), pytest.raises(SecretUnreadable):
        unseal(damage, "anything")


def test_another_key_reads_nothing_and_hashes_otherwise(app: Flask) -> None:
    before = app.config["SETTINGS"]
    with app.app_context():
        sealed, hashed = seal("secret", "this"), keyed_hash("code", "this")
        app.config["SETTINGS"] = before.model_copy(update={"secrets_key": SecretStr("quite another key than before")})
        try:
            with pytest.raises(SecretUnreadable):
                unseal(sealed, "this")
            assert keyed_hash("code", "this") != hashed
        finally:
            app.config["SETTINGS"] = before


def test_a_former_key_still_opens_what_it_sealed(app: Flask) -> None:
    before = app.config["SETTINGS"]
    with app.app_context():
        sealed = seal("secret", "this")
        changed = {"secrets_key": SecretStr("quite another key than before"), "secrets_old_keys": before.secrets_key}
        app.config["SETTINGS"] = before.model_copy(update=changed)
        try:
            assert unseal(sealed, "this") == "secret"
        finally:
            app.config["SETTINGS"] = before


def test_a_keyed_hash_tells_purposes_apart(app: Flask) -> None:
    with app.app_context():
        assert keyed_hash("code", "Maya") == keyed_hash("code", "Maya")
        assert keyed_hash("code", "Maya") != keyed_hash("code", "Eve")
