"""Records and inputs of recordings in the JSON API."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.declarations.input import Id, Input, Moment, OneOf
from app.declarations.record import ApiAddress, Record, Timestamp
from app.models import Consent, RecordingFailure, RecordingStatus
from app.work.recordings.rules import MAX_PARTS


class RecordingRecord(Record):
    """A recording of an appointment; `audio_url` is set while it can be played, `failure` is why it can't be.

    `split_from_id` is the recording before it, if parts between them never arrived.
    """

    id: UUID
    appointment_id: UUID | None
    sales_rep_id: UUID
    sales_rep_name: str
    contact_name: str | None
    service_type: str
    call_id: UUID | None
    continues_id: UUID | None
    split_from_id: UUID | None
    consent: Consent
    status: RecordingStatus
    failure: RecordingFailure | None
    started_at: Timestamp
    ended_at: Timestamp | None
    discarded_at: Timestamp | None
    duration_seconds: int | None
    audio_bytes: int | None
    content_type: str | None
    audio_url: ApiAddress | None
    created_at: Timestamp
    updated_at: Timestamp
    version: int


class RecordingPartRecord(Record):
    """A part of a recording that has arrived; `sha256` is the digest of its bytes, in hexadecimal digits."""

    id: UUID
    number: int
    bytes: int
    sha256: str
    received_at: Timestamp


class PutPartRecord(Record):
    """The part that has arrived."""

    recording_part: RecordingPartRecord


class StartedRecord(Record):
    """The recording that was started."""

    recording_session: RecordingRecord


class StartInput(Input):
    """The start of a recording: its appointment, the customer’s consent, and when it began if reported later."""

    appointment_id: Id
    consent: OneOf[Consent]
    occurred_at: Annotated[Moment | None, Field(alias="startedAt")] = None


class StopInput(Input):
    """The end of a recording: the number of its parts, all of which must have arrived, and when it ended."""

    parts: Annotated[int, Field(ge=1, le=MAX_PARTS)]
    ended_at: Moment | None = None
