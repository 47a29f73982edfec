"""Typed settings, read once from the environment.

Every setting has a default suitable for trying the product on one machine, except the secrets: production requires
them, and startup fails with a message that names what is missing or wrong.
"""

import os
import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from email.utils import parseaddr
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    FilePath,
    HttpUrl,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from app.setting_types import BucketName, PostgresUrl, bucket_of, check_mail_address

PROJECT_ROOT = Path(__file__).resolve().parent.parent
#: Number of health and metrics requests that a process handles concurrently.
HEALTH_SLOTS = 1
#: Concurrent webhooks of a web process: of calls that wait for an answer, and of all other events.
VOICE_SLOTS, WEBHOOK_SLOTS = 2, 1

Port = Annotated[int, Field(ge=1, le=65535)]
#: Random values that all processes share: they sign cookies, encrypt secrets and seal the audit trail.
_KEYS = ("secret_key", "secrets_key", "audit_seal_key")
#: Secrets of the platform's accounts, with which the providers of webhooks prove that a request is theirs.
_VERIFYING = ("twilio_auth_token", "vapi_webhook_secret", "shunya_webhook_secret", "billing_webhook_secret")
_SET_IT = "Set it to a long random value that stays the same."


class SettingsError(Exception):
    """A setting that prevents the app from starting; the text is the complete message for the operator."""


class Settings(BaseModel):
    """Settings that differ between deployments.

    The environment variables have the names of the fields, in uppercase.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    environment: Literal["development", "production", "test"]
    secret_key: SecretStr
    secrets_key: SecretStr
    secrets_old_keys: SecretStr = SecretStr("")
    host: str = "127.0.0.1"
    port: Port = 8000
    web_processes: Annotated[int, Field(ge=1, le=64)] = 1
    web_threads: Annotated[int, Field(ge=1, le=64)] = 8
    trusted_proxies: Annotated[int, Field(ge=0, le=5)] = 0
    public_url: HttpUrl | None = None

    database_url: PostgresUrl | None = None
    jobs_database_url: PostgresUrl | None = None
    owner_database_url: PostgresUrl | None = None
    platform_database_url: PostgresUrl | None = None
    bootstrap_database_url: PostgresUrl | None = None
    backup_database_url: PostgresUrl | None = None
    pool_size: Annotated[int, Field(ge=1, le=100)] = 18
    pool_wait_seconds: Annotated[float, Field(gt=0, le=30)] = 5.0
    most_waiting_requests: Annotated[int, Field(ge=0, le=1000)] = 64
    file_slots: Annotated[int, Field(ge=1, le=16)] = 1
    sign_in_slots: Annotated[int, Field(ge=1, le=16)] = 2
    most_waiting_sign_ins: Annotated[int, Field(ge=0, le=1000)] = 16
    person_share: Annotated[float, Field(gt=0, le=1)] = 0.375
    organization_share: Annotated[float, Field(gt=0, le=1)] = 0.5
    most_waiting_of_a_person: Annotated[int, Field(ge=0, le=1000)] = 8
    request_seconds: Annotated[float, Field(gt=0, le=600)] = 30.0
    head_seconds: Annotated[float, Field(gt=0, le=60)] = 15.0
    unread_seconds: Annotated[float, Field(gt=0, le=600)] = 30.0
    stop_notice_seconds: Annotated[float, Field(ge=0, le=60)] = 1.0
    metrics_token: SecretStr | None = None
    otel_exporter_otlp_endpoint: HttpUrl | None = None

    audit_seal_key: SecretStr
    audit_seal_old_keys: SecretStr = SecretStr("")
    audit_heads_file: Path | None = None

    var_dir: Path = PROJECT_ROOT / "var"
    storage_url: str = ""
    storage_endpoint: HttpUrl | None = None
    storage_region: str = "us-east-1"
    storage_access_key: SecretStr | None = None
    storage_secret_key: SecretStr | None = None
    storage_encryption: Literal["AES256", "aws:kms"] | None = None
    storage_kms_key: str = ""
    backup_dir: Path | None = None
    daily_backup: bool = True
    backups_kept: Annotated[int, Field(ge=1, le=1000)] = 7
    smtp_url: SecretStr | None = None
    stream_private_networks: bool = False
    stream_ca_file: FilePath | None = None
    mail_from: str = "switchboard@localhost"
    log_format: Literal["json", "console"] = "json"
    rate_limits_enabled: bool = True
    signup_enabled: bool = False

    twilio_auth_token: SecretStr | None = None
    vapi_webhook_secret: SecretStr | None = None
    shunya_webhook_secret: SecretStr | None = None
    shunya_api_url: HttpUrl | None = None
    shunya_api_key: SecretStr | None = None
    billing_webhook_secret: SecretStr | None = None

    @field_validator(*_KEYS, *_VERIFYING)
    @classmethod
    def _is_hard_to_guess(cls, value: SecretStr | None, about: ValidationInfo) -> SecretStr | None:
        least = 32 if about.field_name in _KEYS else 16
        if value is not None and len(value.get_secret_value()) < least:
            raise ValueError(f"it must have {least} characters or more")
        return value

    @field_validator("storage_url")
    @classmethod
    def _is_directory_or_bucket(cls, value: str) -> str:
        if "://" in value and bucket_of(value) is None:
            raise ValueError("it must be the path of a directory, or s3://bucket with or without a folder in it")
        return value

    @field_validator("mail_from")
    @classmethod
    def _is_sender(cls, value: str) -> str:
        if not re.fullmatch(r"[^@\s]+@[^@\s]+", parseaddr(value)[1]):
            raise ValueError("it must be an address such as Switchboard <switchboard@example.com>")
        return value

    @field_validator("smtp_url")
    @classmethod
    def _is_mail_server(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            check_mail_address(value.get_secret_value())
        return value

    @model_validator(mode="after")
    def _both_or_neither_database(self) -> Self:
        given = {
            "DATABASE_URL": self.database_url,
            "OWNER_DATABASE_URL": self.owner_database_url,
            "JOBS_DATABASE_URL": self.jobs_database_url,
            "PLATFORM_DATABASE_URL": self.platform_database_url,
            "BACKUP_DATABASE_URL": self.backup_database_url,
        }
        needed = [name for name in ("DATABASE_URL", "OWNER_DATABASE_URL") if given[name] is None]
        present = [name for name, url in given.items() if url is not None]
        if present and needed:
            raise ValueError(f"{present[0]} is set, so {' and '.join(needed)} must be set too")
        return self

    @model_validator(mode="after")
    def _a_connection_to_spare(self) -> Self:
        """Check that there are more database connections than request slots.

        A request can write a separate record while its own transaction is open. With one connection per slot, all
        requests could wait for a second connection at the same time.
        """
        if self.pool_size <= self.slots:
            raise ValueError(
                f"POOL_SIZE must be larger than {self.slots}: WEB_THREADS, SIGN_IN_SLOTS, FILE_SLOTS, "
                f"{VOICE_SLOTS + WEBHOOK_SLOTS} for webhooks and {HEALTH_SLOTS} for checks of health together"
            )
        return self

    @property
    def slots(self) -> int:
        """Number of requests that a process handles concurrently, across all lanes."""
        return self.web_threads + self.sign_in_slots + self.file_slots + HEALTH_SLOTS + VOICE_SLOTS + WEBHOOK_SLOTS

    @property
    def address(self) -> str:
        """Base URL of the product for links that are sent or printed, without a trailing slash."""
        return str(self.public_url).rstrip("/") if self.public_url else f"http://{self.host}:{self.port}"

    @property
    def storage_dir(self) -> Path:
        """Directory for uploads, audio and exports if no bucket is configured."""
        return Path(self.storage_url) if self.storage_url and not self.storage_bucket else self.var_dir / "storage"

    @property
    def storage_bucket(self) -> BucketName | None:
        """Bucket for uploads, audio and exports, or None if they are in a directory."""
        return bucket_of(self.storage_url)

    @property
    def backup_path(self) -> Path:
        """Directory in which backups are stored."""
        return self.backup_dir or self.var_dir / "backups"

    @property
    def audit_heads_path(self) -> Path:
        """File outside the database that records the latest seals of the audit trail."""
        return self.audit_heads_file or self.var_dir / "audit_heads.jsonl"

    @property
    def is_production(self) -> bool:
        """True in production, where cookies require TLS and development pages are hidden."""
        return self.environment == "production"

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> Self:
        """Read the settings from environment variables.

        Unless ENVIRONMENT is set, a configured database URL means production, and the embedded database means that the
        product is being tried out. Raises SettingsError with one sentence per wrong setting.
        """
        values = {name: env[name.upper()] for name in cls.model_fields if env.get(name.upper())}
        values.setdefault("environment", "production" if "database_url" in values else "development")
        values.setdefault("log_format", "console" if values["environment"] == "development" else "json")
        missing = [name for name in _KEYS if name not in values]
        if missing and values["environment"] == "production":
            raise SettingsError("\n".join(f"{name.upper()} is not set. {_SET_IT}" for name in missing))
        for name in missing:
            values[name] = _kept_secret(Path(values.get("var_dir", PROJECT_ROOT / "var")), name)
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise SettingsError(_sentences(error)) from None


def _kept_secret(var_dir: Path, name: str) -> str:
    """Return the random key stored in `var_dir`, generated at the first start.

    All processes share it, and it survives restarts.
    """
    path, made = var_dir / name, var_dir / f"{name}.{os.getpid()}"
    try:
        var_dir.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            made.touch(mode=0o600)
            made.write_text(secrets.token_urlsafe(48))
            # The link is created atomically, and only by the first of two processes that start at the same time.
            with suppress(FileExistsError):
                path.hardlink_to(made)
            made.unlink()
        return path.read_text()
    except OSError as error:
        raise SettingsError(f"VAR_DIR is wrong: {error.strerror} ({var_dir}).") from None


def _sentences(error: ValidationError) -> str:
    """Format one line per wrong setting, with its environment variable.

    Values are omitted because they can be secret.
    """
    lines = []
    for problem in error.errors(include_input=False, include_url=False):
        name = ".".join(str(part) for part in problem["loc"]).upper()
        message = problem["msg"].removeprefix("Value error, ")
        lines.append(f"{name} is wrong: {message}." if name else f"{message}.")
    return "\n".join(lines)
