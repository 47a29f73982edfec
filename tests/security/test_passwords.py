"""Password hashing, and the passwords that are refused."""

from collections.abc import Iterator
from typing import Any

import pytest
from argon2 import PasswordHasher, Type, extract_parameters
from argon2.low_level import hash_secret

from app.errors import ValidationFailed
from app.security import passwords
from app.security.passwords import check_new_password, hash_again, hash_password, needs_rehash

#: The product's own hasher, which the fixtures of other tests replace with a cheap one.
HASHER = passwords._hasher


@pytest.fixture(autouse=True)
def _real_cost(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Password hashing at the cost used in production."""
    monkeypatch.setattr(passwords, "_hasher", HASHER)
    passwords._decoy_hash.cache_clear()
    yield
    passwords._decoy_hash.cache_clear()


def salt_of(stored: str) -> str:
    """Return the hash with its digest masked, as the database reveals it."""
    before, _, digest = stored.rpartition("$")
    return f"{before}${'A' * len(digest)}"


def test_the_password_and_its_salt_make_the_same_hash_again() -> None:
    stored = hash_password("correct horse battery staple")

    assert stored.startswith("$argon2id$")
    assert hash_again(salt_of(stored), "correct horse battery staple") == stored
    assert hash_again(salt_of(stored), "correct horse battery stable") != stored


def test_a_hash_costs_what_owasp_names_as_the_least() -> None:
    parameters = extract_parameters(hash_password("correct horse battery staple"))

    assert (parameters.type, parameters.time_cost, parameters.memory_cost) == (Type.ID, 2, 19 * 1024)


def test_same_characters_from_another_keyboard_are_the_same_password() -> None:
    composed, decomposed = "caf\u00e9 au lait", "cafe\u0301 au lait"
    stored = hash_password(composed)

    assert hash_again(salt_of(stored), decomposed) == stored


@pytest.mark.parametrize("salt", ["plain text", "$argon2id$v=19$m=8,t=1,p=1$not base64$AAAA"])
def test_a_salt_that_cannot_be_read_makes_no_hash(salt: str) -> None:
    assert hash_again(salt, "plain text") == ""


def test_missing_account_costs_as_much_as_a_wrong_password(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, Any]] = []

    def counted(password: bytes, salt: bytes, **cost: Any) -> bytes:
        asked.append({**cost, "salt": len(salt)})
        return hash_secret(password, salt, **cost)

    monkeypatch.setattr("app.security.passwords.hash_secret", counted)
    for salt in (None, salt_of(hash_password("correct horse battery staple"))):
        hash_again(salt, "wrong")

    missing, wrong = asked
    assert missing == wrong


def test_hash_with_other_parameters_is_made_again_and_asks_to_be_replaced() -> None:
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("correct horse battery staple")

    assert hash_again(salt_of(cheap), "correct horse battery staple") == cheap
    assert needs_rehash(salt_of(cheap))
    assert not needs_rehash(salt_of(hash_password("correct horse battery staple")))


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple",
        "wrench-under-my-old-sink",
        "ein Haus am See 1",
        "пароль длинный и хороший",
        "x7Kq!vT2m#Lw",
    ],
)
def test_password_nobody_guesses_is_taken(password: str) -> None:
    check_new_password(password)


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("", "short"),
        ("elevenchars", "short"),
        ("a" * 129, "long"),
        ("1q2w3e4r5t6y", "common"),
        ("Password1234", "common"),
        ("!!!Sunshine2024", "common"),
        ("passwordpassword", "common"),
        ("abcdeabcdeabcde", "common"),
        ("aaaaaaaaaaaaaa", "common"),
        ("abcdefghijklm", "common"),
        ("9876543210987", "common"),
        ("qwertyuiopasdf", "common"),
    ],
)
def test_weak_password_is_refused_beside_its_field(password: str, why: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        check_new_password(password, field="new_password")

    sentence = {"short": "at least 12", "long": "up to 128", "common": "too common"}[why]
    assert [error.field for error in refused.value.field_errors] == ["new_password"]
    assert sentence in str(refused.value.message)
