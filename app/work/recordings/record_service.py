"""Recordings as programs make them: the start, and the parts with their digests."""

import base64
import binascii
import re
from dataclasses import replace
from typing import IO
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.db.ids import uuid7
from app.errors import FieldError, NotFound, ValidationFailed
from app.models import RecordingSession
from app.security.actor import Actor
from app.security.permissions import Permission
from app.work.recordings import service
from app.work.recordings.detail_queries import list_parts
from app.work.recordings.filters import RecordingFilters
from app.work.recordings.queries import recording_records
from app.work.recordings.rules import MAX_PARTS
from app.work.recordings.schemas import PutPartRecord, RecordingPartRecord, RecordingRecord, StartedRecord, StartInput

DIGEST_HEADER = "Content-Digest"
_NUMBER = re.compile(r"[1-9][0-9]{0,4}")
_DIGEST = re.compile(r"sha-256=:(?P<digest>[A-Za-z0-9+/]{43}=):")


def start_recording(actor: Actor, given: StartInput) -> StartedRecord:
    """Start recording an appointment, and return the recording. Raises what `service.begin` raises."""
    actor.requires(Permission.RECORDINGS_READ)  # the response is the recording
    row = start(actor, uuid7(), given)
    started = recording_records.find(actor, row.id, recording_records.conditions(RecordingFilters(), actor))
    return StartedRecord(recording_session=RecordingRecord.model_validate(started))


def start(actor: Actor, recording_id: UUID, given: StartInput) -> RecordingSession:
    """Start recording an appointment. Raises what `service.begin` raises."""
    return service.begin(actor, given.appointment_id, recording_id, given.consent, occurred_at=given.occurred_at)


def parse_digest(header: str) -> str:
    """Return the SHA-256 in a Content-Digest header (RFC 9530) in hexadecimal digits. Raises ValidationFailed."""
    found = _DIGEST.fullmatch(header.strip())
    try:
        digest = base64.b64decode(found["digest"], validate=True) if found else b""
    except binascii.Error:
        digest = b""
    if len(digest) != 32:
        wrong = _l("Send the SHA-256 of the body as sha-256=:…:, in Base64.")
        raise ValidationFailed([FieldError(DIGEST_HEADER, wrong)])
    return digest.hex()


def put_part(actor: Actor, recording_id: UUID, number: str, stream: IO[bytes], digest: str) -> PutPartRecord:
    """Store a part of a recording unless it has arrived already, and return it.

    Raises NotFound for a number that no part can have, ValidationFailed for bytes with another digest, and what
    `service.keep_part` raises.
    """
    if not _NUMBER.fullmatch(number) or int(number) > MAX_PARTS:
        raise NotFound("recording_part", number)
    try:
        row = service.keep_part(actor, recording_id, int(number), stream, digest)
    except ValidationFailed as error:
        error.fields = tuple(replace(one, field=DIGEST_HEADER) for one in error.fields)
        raise
    part = next(part for part in list_parts(row) if part.number == int(number))
    return PutPartRecord(
        recording_part=RecordingPartRecord(
            id=part.id, number=part.number, bytes=part.bytes, sha256=part.sha256.hex(), received_at=part.received_at
        )
    )
