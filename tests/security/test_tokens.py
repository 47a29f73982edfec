"""Opaque tokens: their format and the information they reveal."""

import hashlib
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as some

from app.db.ids import uuid7
from app.security.tokens import Token, TokenType


@given(some.uuids(), some.sampled_from(TokenType))
def test_token_tells_its_type_and_organization(organization_id: UUID, kind: TokenType) -> None:
    token = Token.new(organization_id, kind)

    assert token.text.startswith(kind)
    assert Token.parse(token.text, kind) == Token(organization_id, token.text)
    assert all(Token.parse(token.text, other) is None for other in TokenType if other is not kind)


def test_two_tokens_of_one_organization_differ() -> None:
    organization_id = uuid7()

    assert Token.new(organization_id).text != Token.new(organization_id).text


def test_token_has_its_organization_in_front_and_256_random_bits_behind() -> None:
    organization, secret = Token.new(uuid7()).text.split(".")

    assert (len(organization), len(secret)) == (22, 43)


def test_database_knows_a_token_by_its_sha256() -> None:
    token = Token.new(uuid7())

    assert token.digest == hashlib.sha256(token.text.encode()).digest()


def test_token_keeps_its_text_out_of_logs() -> None:
    token = Token.new(uuid7())

    assert token.text not in repr(token)


@pytest.mark.parametrize(
    "text",
    [None, "", ".", "no token", "a" * 66, f"{'a' * 22}.{'b' * 42}", f"{'a' * 22}.{'b' * 44}", f"{'é' * 22}.{'b' * 43}"],
)
def test_what_is_no_token_is_recognised(text: str | None) -> None:
    assert Token.parse(text) is None


@given(some.text(max_size=100))
def test_reading_a_token_never_fails(text: str) -> None:
    assert Token.parse(text) is None or len(text) == 66
