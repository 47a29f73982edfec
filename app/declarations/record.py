"""Records: typed classes of what the JSON API returns.

    class TaskRecord(Record):
        id: UUID
        title: str
        due_date: datetime | None

A record is filled from a row whose columns have the names of its fields; JSON has them in camel case, or as their
`alias`. Every field is always present; None is null.
"""

from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar

from flask import request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer, model_validator
from pydantic.alias_generators import to_camel
from sqlalchemy import Row

from app.security.api_requests import API_ROOT


def _below_the_api(path: str) -> str:
    return f"{request.url_root.rstrip('/')}{API_ROOT}/{path}"


#: Path of an operation, shown as an absolute address that requires the same authorization.
ApiAddress = Annotated[
    str, PlainSerializer(_below_the_api, return_type=str), Field(json_schema_extra={"format": "uri"})
]


def _in_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


#: A timestamp in RFC 3339 in UTC, with up to six decimals as stored. Converted when it is read, because a serializer of
#: our own takes five times as long.
Timestamp = Annotated[datetime, AfterValidator(_in_utc)]


#: Custom fields of a record, by key; empty as long as none can be defined.
CustomFields = Annotated[dict[str, Any], Field(default_factory=dict)]


class Record(BaseModel):
    """The base class of records."""

    model_config = ConfigDict(
        frozen=True,
        from_attributes=True,
        alias_generator=to_camel,
        validate_by_name=True,
        serialize_by_alias=True,
        json_schema_serialization_defaults_required=True,
        use_enum_values=True,  # members of an enumeration take longer to write than their values
    )

    @classmethod
    def of(cls, row: Any) -> "Record":
        """Return the record of a row."""
        # Rows have no aliases, and each attribute that a row lacks raises two exceptions.
        return cls.model_validate(row, by_alias=False, by_name=True)

    @model_validator(mode="before")
    @classmethod
    def _read_row(cls, row: Any) -> Any:
        """Return a row's values by name, which are read faster than its attributes."""
        return dict(zip(row._fields, row, strict=True)) if isinstance(row, Row) else row


class Progress(Record):
    """Progress of background work: `done` of `total` parts; None if the total isn't known yet."""

    done: int
    total: int | None


class BackgroundRecord(Record):
    """The base class of records of background work, which callers poll until it ends.

    `error` is the reason if it failed.
    """

    #: Statuses of work that has not ended.
    RUNNING: ClassVar[frozenset[str]] = frozenset()

    progress: Progress | None
    error: str | None

    @property
    def is_running(self) -> bool:
        """True until the work has ended."""
        return getattr(self, "status", None) in self.RUNNING
