"""Records and inputs of exports in the JSON API."""

from collections.abc import Mapping
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field, ValidationInfo, computed_field, field_validator

from app.declarations.api_filters import api_name, is_flag
from app.declarations.exportable import ListExport
from app.declarations.input import Input
from app.declarations.record import BackgroundRecord, Progress, Record, Timestamp
from app.declarations.registry import registry
from app.models import ExportStatus

#: True and false as stored with an export, which programs write in another way.
_FLAGS = {"yes": "true", "no": "false", "y": "true"}


class ExportLinks(Record):
    """The path of the file, while it can be downloaded."""

    file: str | None


class ExportRecord(BackgroundRecord):
    """An export: a file with all rows of a list, or an archive, created in the background and kept for 7 days."""

    RUNNING: ClassVar[frozenset[str]] = frozenset({ExportStatus.QUEUED, ExportStatus.RUNNING})

    id: UUID
    kind: str
    status: ExportStatus
    progress: Progress
    error: str | None
    filters: dict[str, str]
    sort: str | None
    row_count: int
    file_bytes: int | None
    requested_by: UUID | None
    requested_by_name: str
    created_at: Timestamp
    started_at: Timestamp | None
    finished_at: Timestamp | None
    expires_at: Timestamp | None

    @field_validator("filters", mode="before")
    @classmethod
    def _named_as_sent(cls, stored: Mapping[str, str], about: ValidationInfo) -> dict[str, str]:
        """Return the filters as programs send them; those of an archive have no type, and no free text."""
        source = registry().exports.get(about.data["kind"])
        if not isinstance(source, ListExport):
            return {api_name(name): _FLAGS.get(value, value) for name, value in stored.items()}
        filters = source.listed.filters
        flags = {field.alias or name for name, field in filters.model_fields.items() if is_flag(filters, name)}
        return {api_name(name): _FLAGS[value] if name in flags else value for name, value in stored.items()}

    @computed_field  # type: ignore[prop-decorator]
    @property
    def links(self) -> ExportLinks:
        """The path of the file below the host."""
        is_there = self.status == ExportStatus.COMPLETED
        return ExportLinks(file=f"/api/v1/exports/{self.id}/file" if is_there else None)


class NewExportInput(Input):
    """A request for a file: the `kind` of list with its `filters` and `sort`, or an archive, with `audio` or without.

    The filters are those of the list in the API, each with its value as in the list's query string.
    """

    kind: Annotated[str, Field(min_length=1, max_length=60)]
    filters: Annotated[dict[str, str], Field(max_length=40, default_factory=dict)]
    sort: Annotated[str | None, Field(min_length=1, max_length=60)] = None
    audio: bool = False
