"""Settings: valid ones start the app, and invalid ones stop it with a message."""

import re
from pathlib import Path

import pytest

from app.config import PROJECT_ROOT, Settings, SettingsError
from app.factory import create_app

SERVER = {
    "DATABASE_URL": "postgresql://app_rw:pass-of-rw@db.example/switchboard",
    "OWNER_DATABASE_URL": "postgresql://app_owner:pass-of-owner@db.example/switchboard",
    "JOBS_DATABASE_URL": "postgresql://app_jobs:pass-of-jobs@db.example/switchboard",
    "SECRET_KEY": "a long random value that stays the same",
    "SECRETS_KEY": "a second long random value that stays the same",
    "AUDIT_SEAL_KEY": "a third long random value that stays the same",
}


def test_nothing_set_means_trying_the_product_with_the_embedded_database(tmp_path: Path) -> None:
    settings = Settings.from_env({"VAR_DIR": str(tmp_path)})

    assert settings.environment == "development"
    assert settings.log_format == "console"
    assert settings.database_url is None


def test_a_database_of_ones_own_means_production() -> None:
    settings = Settings.from_env(SERVER)

    assert settings.is_production
    assert settings.log_format == "json"


@pytest.mark.parametrize("name", ["secret_key", "secrets_key", "audit_seal_key"])
def test_the_first_start_makes_a_key_that_later_ones_find_and_others_cannot_read(name: str, tmp_path: Path) -> None:
    first, second = (getattr(Settings.from_env({"VAR_DIR": str(tmp_path)}), name) for _ in range(2))

    assert first == second
    assert len(first.get_secret_value()) >= 48
    assert (tmp_path / name).stat().st_mode & 0o077 == 0
    assert {path.name for path in tmp_path.iterdir()} == {"secret_key", "secrets_key", "audit_seal_key"}


@pytest.mark.parametrize("key", ["SECRET_KEY", "SECRETS_KEY", "AUDIT_SEAL_KEY"])
def test_production_needs_a_key_of_its_own(key: str) -> None:
    without = {name: value for name, value in SERVER.items() if name != key}

    with pytest.raises(SettingsError, match=f"{key} is not set"):
        Settings.from_env(without)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "abc"),
        ("PORT", "70000"),
        ("WEB_PROCESSES", "0"),
        ("DATABASE_URL", "mysql://somewhere"),
        ("ENVIRONMENT", "staging"),
        ("PUBLIC_URL", "switchboard"),
        ("POOL_WAIT_SECONDS", "-1"),
        ("STORAGE_URL", "ftp://recordings"),
        ("STORAGE_URL", "s3://"),
        ("STORAGE_URL", "s3://recordings/../others"),
        ("STORAGE_ENDPOINT", "minio:9000"),
        ("STORAGE_ENCRYPTION", "rot13"),
        ("AUDIT_SEAL_KEY", "short"),
        ("SECRETS_KEY", "brief"),
        ("SECRET_KEY", "curt"),
        ("DATABASE_URL", "postgresql://app_rw:pass@db.example:port/switchboard"),
        ("OWNER_DATABASE_URL", "postgresql://app_owner:pass@db.example"),
        ("BOOTSTRAP_DATABASE_URL", "mysql://root@db.example/mysql"),
        ("BACKUP_DATABASE_URL", "postgresql://app_dump@db.example/%zz"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318"),
        ("SMTP_URL", "mail.example:587"),
        ("MAIL_FROM", "Switchboard"),
        ("TWILIO_AUTH_TOKEN", "fifteen letters"),
        ("VAPI_WEBHOOK_SECRET", "fifteen letters"),
        ("SHUNYA_WEBHOOK_SECRET", "fifteen letters"),
        ("BILLING_WEBHOOK_SECRET", "fifteen letters"),
    ],
)
def test_a_wrong_setting_is_named_in_a_sentence_that_does_not_repeat_its_value(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as stopped:
        Settings.from_env({**SERVER, name: value})

    assert name in str(stopped.value)
    assert f"'{value}'" not in str(stopped.value)
    assert "\n" not in str(stopped.value)


def test_all_wrong_settings_are_told_at_once() -> None:
    with pytest.raises(SettingsError) as stopped:
        Settings.from_env({**SERVER, "PORT": "abc", "WEB_THREADS": "many"})

    assert [line.split()[0] for line in str(stopped.value).splitlines()] == ["PORT", "WEB_THREADS"]


def test_all_keys_that_are_missing_are_told_at_once() -> None:
    with pytest.raises(SettingsError) as stopped:
        Settings.from_env({name: value for name, value in SERVER.items() if not name.endswith("_KEY")})

    assert [line.split()[0] for line in str(stopped.value).splitlines()] == [
        "SECRET_KEY",
        "SECRETS_KEY",
        "AUDIT_SEAL_KEY",
    ]


def test_every_setting_is_described() -> None:
    pages = [PROJECT_ROOT / "README.md", *(PROJECT_ROOT / "docs").glob("*.md")]
    described = set(re.findall(r"`([A-Z_]+)`", "\n".join(page.read_text() for page in pages)))

    assert {name.upper() for name in Settings.model_fields} - described == set()


def test_an_app_without_its_owner_is_refused() -> None:
    without = {name: value for name, value in SERVER.items() if name != "OWNER_DATABASE_URL"}

    with pytest.raises(SettingsError, match="OWNER_DATABASE_URL must be set too"):
        Settings.from_env(without)


@pytest.mark.parametrize("alone", ["OWNER_DATABASE_URL", "JOBS_DATABASE_URL"])
def test_a_database_without_the_app_is_refused_and_not_replaced_by_the_embedded_one(alone: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=f"{alone} is set, so DATABASE_URL .*must be set too"):
        Settings.from_env({alone: SERVER[alone], "VAR_DIR": str(tmp_path)})


def test_no_secret_is_shown_by_repr() -> None:
    shown = repr(Settings.from_env(SERVER))

    assert "pass-of" not in shown
    assert "long random" not in shown


@pytest.mark.parametrize(
    "name", ["TWILIO_AUTH_TOKEN", "VAPI_WEBHOOK_SECRET", "SHUNYA_WEBHOOK_SECRET", "BILLING_WEBHOOK_SECRET"]
)
def test_a_secret_that_verifies_events_is_read_and_shown_nowhere(name: str) -> None:
    settings = Settings.from_env({**SERVER, name: "sixteen letters!"})

    assert getattr(settings, name.lower()).get_secret_value() == "sixteen letters!"
    assert "sixteen letters!" not in f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"


def test_links_are_made_of_the_public_address_where_there_is_one() -> None:
    assert Settings.from_env({**SERVER, "PUBLIC_URL": "https://calls.example/"}).address == "https://calls.example"
    assert Settings.from_env({**SERVER, "PORT": "8001"}).address == "http://127.0.0.1:8001"


def test_a_pool_without_a_connection_to_spare_is_refused() -> None:
    with pytest.raises(SettingsError, match="POOL_SIZE must be larger than 27: WEB_THREADS, SIGN_IN_SLOTS"):
        Settings.from_env({**SERVER, "WEB_THREADS": "20"})
    with pytest.raises(SettingsError, match="POOL_SIZE must be larger than 18"):
        Settings.from_env({**SERVER, "SIGN_IN_SLOTS": "5"})


@pytest.mark.parametrize("name", ["STORAGE_URL", "VAR_DIR"])
def test_a_place_where_no_file_can_be_kept_stops_the_start(name: str, tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.touch()
    settings = Settings.from_env({**SERVER, name: str(in_the_way / "folder")})

    with pytest.raises(SettingsError, match=rf"{name} is wrong: files can’t be kept in {in_the_way}/folder"):
        create_app(settings)
