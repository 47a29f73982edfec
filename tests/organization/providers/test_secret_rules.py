"""Secrets of an account: how long a replaced one stays valid, and what is sealed."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from flask import Flask

from app.models import Integration
from app.organization.providers.secret_rules import FormerSecret, Secret, open_secrets, seal_secrets
from app.security.encryption import seal
from tests.support.factories import DAY

HOUR = timedelta(hours=1)
ACCOUNT_ID = UUID("01920000-0000-7000-8000-000000000001")


def values(former: tuple[FormerSecret, ...]) -> list[str]:
    return [secret.value for secret in former]


def test_a_replaced_secret_stays_valid_for_72_hours() -> None:
    secret = Secret("first", DAY).replaced("second", DAY)

    assert (secret.value, secret.set_at) == ("second", DAY)
    assert values(secret.valid_former(DAY + 72 * HOUR - timedelta(microseconds=1))) == ["first"]
    assert secret.valid_former(DAY + 72 * HOUR) == ()


def test_of_several_that_were_replaced_each_ends_in_its_own_time() -> None:
    secret = Secret("first", DAY).replaced("second", DAY).replaced("third", DAY + 70 * HOUR)

    assert values(secret.valid_former(DAY + 71 * HOUR)) == ["second", "first"]
    assert values(secret.valid_former(DAY + 73 * HOUR)) == ["second"]
    assert values(secret.replaced("fourth", DAY + 73 * HOUR).former) == ["third", "second"]


def test_the_three_newest_are_kept() -> None:
    secret = Secret("0", DAY)
    for number in range(1, 6):
        secret = secret.replaced(str(number), DAY + number * HOUR)

    assert values(secret.former) == ["4", "3", "2"]


def test_a_former_secret_that_is_set_again_is_no_longer_a_former_one() -> None:
    secret = Secret("first", DAY).replaced("second", DAY).replaced("first", DAY + HOUR)

    assert (secret.value, values(secret.former)) == ("first", ["second"])


@pytest.mark.parametrize(("value", "ending"), [("twelve-signs", "igns"), ("eleven-sign", None)])
def test_the_end_of_a_former_secret_is_known_unless_it_is_short(value: str, ending: str | None) -> None:
    assert FormerSecret(value, DAY).ending == ending


def test_no_former_secret_is_shown_by_repr() -> None:
    assert "first" not in repr(Secret("first", DAY).replaced("second", DAY))


def test_those_that_have_ended_are_dropped_when_the_secrets_are_sealed(app: Flask) -> None:
    row = Integration(id=ACCOUNT_ID)
    ended, valid = FormerSecret("ended", DAY), FormerSecret("valid", DAY + HOUR)
    with app.app_context():
        row.secrets = seal_secrets(row.id, {"auth_token": Secret("present", DAY, (valid, ended))}, DAY)

        assert open_secrets(row) == {"auth_token": Secret("present", DAY, (valid,))}


def test_secrets_that_were_sealed_before_others_were_kept_have_no_former_ones(app: Flask) -> None:
    row = Integration(id=ACCOUNT_ID)
    with app.app_context():
        stored = '{"auth_token": {"value": "present", "set_at": "2026-01-05T12:00:00+00:00"}}'
        row.secrets = seal(stored, f"integration {row.id}")

        assert open_secrets(row) == {"auth_token": Secret("present", datetime(2026, 1, 5, 12, tzinfo=UTC))}
