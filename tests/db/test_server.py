"""The address of the database, from the settings."""

import tempfile
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from pydantic import SecretStr

from app.config import Settings
from app.db.embedded import SUPERUSER, EmbeddedServer
from app.db.server import addresses, with_database

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


def test_the_same_server_is_reached_in_a_folder_with_a_space() -> None:
    with tempfile.TemporaryDirectory(prefix="a folder ") as short:  # pytest's own path is too long for a Unix socket
        server = EmbeddedServer(Path(short) / "pg", durable=False)
        assert " " in str(server.socket_dir)
        with server.running(), psycopg.connect(with_database(SecretStr(server.url(SUPERUSER)), "postgres")) as there:
            assert there.execute("SELECT current_database()").fetchone() == ("postgres",)


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://app_rw@/switchboard?host=%2Ftmp%2Fa%20folder%2Fx%2By",
        "postgresql://app_rw:pa%20ss%2Bword%3F%40@db.example:5433/switchboard?options=-c%20work_mem%3D1MB",
        "postgresql://app_rw@db.example/my%20base",
    ],
)
def test_an_address_changes_in_what_is_changed_and_libpq_reads_the_rest_as_before(address: str) -> None:
    before = conninfo_to_dict(address)

    assert conninfo_to_dict(with_database(SecretStr(address), "the copy")) == {**before, "dbname": "the copy"}
    jobs = addresses(Settings.from_env({**OWN, "DATABASE_URL": address})).jobs.get_secret_value()
    assert conninfo_to_dict(jobs) == {**before, "user": "app_jobs"}
