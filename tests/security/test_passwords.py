"""How passwords are kept and which are refused."""

from time import perf_counter

import pytest
from argon2 import PasswordHasher

from app.errors import ValidationFailed
from app.security.passwords import check_new_password, hash_password, needs_rehash, verify_password


def test_password_opens_its_own_hash_only() -> None:
    stored = hash_password("correct horse battery staple")

    assert stored.startswith("$argon2id$")
    assert verify_password(stored, "correct horse battery staple")
    assert not verify_password(stored, "correct horse battery stable")


def test_same_characters_from_another_keyboard_are_the_same_password() -> None:
    composed, decomposed = "caf\u00e9 au lait", "cafe\u0301 au lait"

    assert verify_password(hash_password(composed), decomposed)


def test_account_without_password_lets_nobody_in() -> None:
    assert not verify_password(None, "nobody has this password")


def test_hash_that_cannot_be_read_lets_nobody_in() -> None:
    assert not verify_password("plain text", "plain text")


def test_missing_account_takes_as_long_as_a_wrong_password() -> None:
    stored = hash_password("correct horse battery staple")
    verify_password(None, "warms up")

    def fastest(hash_or_none: str | None) -> float:
        times = []
        for _ in range(5):
            began = perf_counter()
            verify_password(hash_or_none, "wrong")
            times.append(perf_counter() - began)
        return min(times)

    assert fastest(None) == pytest.approx(fastest(stored), rel=0.5)


def test_hash_with_other_parameters_verifies_and_asks_to_be_made_again() -> None:
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("correct horse battery staple")

    assert verify_password(cheap, "correct horse battery staple")
    assert needs_rehash(cheap)
    assert not needs_rehash(hash_password("correct horse battery staple"))


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

    sentence = {"short": "at least 12", "long": "at most 128", "common": "guessed"}[why]
    assert [error.field for error in refused.value.field_errors] == ["new_password"]
    assert sentence in str(refused.value.message)
