"""Where the database is, from the settings."""

from app.config import Settings
from app.db.server import addresses

OWN = {
    "DATABASE_URL": "postgresql://app_rw:p%40ss@db.example:5433/switchboard?sslmode=require",
    "OWNER_DATABASE_URL": "postgresql://app_owner:other@db.example:5433/switchboard",
    "SECRET_KEY": "a long random value that stays the same",
    "SECRETS_KEY": "a second long random value that stays the same",
    "AUDIT_SEAL_KEY": "a third long random value that stays the same",
}


def test_jobs_sign_in_under_their_own_name_even_where_no_address_is_given_for_them() -> None:
    jobs = addresses(Settings.from_env(OWN)).jobs.get_secret_value()

    assert jobs == "postgresql://app_jobs:p%40ss@db.example:5433/switchboard?sslmode=require"


def test_the_jobs_address_is_taken_as_given() -> None:
    given = "postgresql://app_jobs:third@db.example/switchboard"

    assert addresses(Settings.from_env({**OWN, "JOBS_DATABASE_URL": given})).jobs.get_secret_value() == given
