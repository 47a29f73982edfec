"""Sending the audit trail to outbound streams: the worker's part, for one organization.

The id of a delivery and its last entry are stored before it is sent, so that an attempt with an unknown result is
repeated as the same delivery. It arrives at least once; receivers recognize duplicates by the id. Each step is
committed: no transaction is open while waiting for the receiver.
"""

import json
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy import Row, Select, or_, select, tuple_

from app.audit.actions import Action
from app.audit.chain import BEGINNING
from app.audit.record import name_action
from app.clients.http_connection import Network
from app.clients.webhook import post, sign
from app.config import Settings
from app.db.context import current_context
from app.db.ids import uuid7
from app.errors import DomainError, LazyText
from app.extensions import db
from app.models import AuditLog, OutboundStream, Role, StreamPause
from app.security.actor import Actor
from app.security.encryption import unseal
from app.security.scope import unscoped
from app.tenancy.actor_queries import find_person
from app.tenancy.notification_service import notify_all
from app.tenancy.people_queries import list_people_in_charge
from app.trust.audit_log.export import entry_as_json
from app.trust.audit_log.withheld_queries import visible_columns
from app.trust.streams import rules
from app.trust.streams.notices import STREAM_STOPPED
from app.trust.streams.queries import complete_to

_MAX_ERROR_LENGTH = 1_000
_ROWS_AT_ONCE = 20
_MEDIA_TYPE = "application/x-ndjson"


@dataclass(frozen=True, slots=True)
class Delivery:
    """Entries on their way to a stream, the last of them at (`until_pos`, `until_id`).

    A delivery that is sent twice has the same `id`. `secret` is still encrypted.
    """

    id: UUID
    stream_id: UUID
    url: str
    secret: bytes = field(repr=False)
    body: bytes = field(repr=False)


def send_streams(until: datetime) -> None:
    """Send entries to every due stream of the organization in the context, until `until`.

    Only entries before the position up to which the trail is complete are sent. The next run continues from there.
    """
    for stream_id in _list_due():
        while datetime.now(UTC) < until:
            delivery = _next_delivery(stream_id)
            db.session.commit()
            if delivery is None or not _send(delivery):
                break


def send_test(stream_id: UUID) -> None:
    """Send a test line that is not an entry, and record the result.

    Does nothing if the stream was deleted.
    """
    stream = _locked(stream_id)
    if stream is None:
        return
    line = {"type": "test", "stream": stream.name, "sentAt": datetime.now(UTC).isoformat()}
    delivery = Delivery(uuid7(), stream.id, stream.url, stream.secret, _as_lines([line]))
    db.session.commit()
    failure = _failure_of(delivery)
    there = _locked(stream_id)
    if there is not None:
        there.tested_at, there.test_error = datetime.now(UTC), failure
    db.session.commit()


def sealing_purpose(stream_id: UUID) -> str:
    """Return the purpose string under which the secret of a stream is encrypted."""
    return f"outbound_stream:{stream_id}"


def _list_due() -> Sequence[UUID]:
    """Return the ids of the due streams, the one that has waited longest first.

    A slow stream thus delays the others in one run, but not in every run.
    """
    now = datetime.now(UTC)
    due = (
        unscoped(select(OutboundStream.id), why="the worker sends all due streams of the organization")
        .where(OutboundStream.organization_id == current_context().organization_id, OutboundStream.enabled)
        .where(or_(OutboundStream.next_try_at.is_(None), OutboundStream.next_try_at <= now))
        .order_by(OutboundStream.last_sent_at.asc().nulls_first(), OutboundStream.id)
        .limit(rules.MAX_STREAMS)
    )
    return db.session.scalars(due).all()


def _next_delivery(stream_id: UUID) -> Delivery | None:
    """Prepare the next delivery, or the undelivered one again, and lease it from other workers.

    Returns None if there is nothing to send, the stream is paused or not due, its creator can't read the trail now, or
    another worker is sending it.
    """
    now = datetime.now(UTC)
    stream = _locked(stream_id, skip=True)
    if stream is None or not stream.enabled or (stream.next_try_at is not None and stream.next_try_at > now):
        return None
    reader = _reader_of(stream)
    if reader is None:
        return None
    rows = _read_rows(stream, reader, complete_to())
    if not rows:  # a delivery whose entries were deleted since is dropped
        stream.delivery_id = stream.until_pos = stream.until_id = None
        return None
    if stream.delivery_id is None:
        stream.delivery_id, stream.until_pos, stream.until_id = uuid7(), rows[-1].pos, rows[-1].id
    stream.next_try_at = now + rules.LEASE
    return Delivery(stream.delivery_id, stream.id, stream.url, stream.secret, _as_lines(map(entry_as_json, rows)))


def _reader_of(stream: OutboundStream) -> Actor | None:
    """Return the user who set up the stream, with their current rights.

    Returns None, and pauses the stream, if that user is gone or lacks a permission. If the organization is suspended,
    returns None without pausing the stream, since that suspends all rights.
    """
    creator = find_person(stream.created_by)
    if creator is None:
        _pause(stream, StreamPause.CREATOR_GONE)
        return None
    if not all(map(creator.actor.may, rules.NEEDED)):
        _pause(stream, StreamPause.CREATOR_LACKS_PERMISSION)
        return None
    return creator.actor if creator.is_organization_active else None


def _pause(stream: OutboundStream, reason: StreamPause) -> None:
    stream.enabled, stream.paused_because = False, reason
    name_action(Action.STREAM_PAUSED, stream)
    sentence = _l(
        "The stream “%(name)s” was paused because its sender, %(person)s, lost access. No entries are "
        "lost, and the person who resumes it becomes the new sender.",
        name=stream.name,
        person=stream.created_by_label or _l("a former user"),
    )
    _notify_people(stream, sentence)


def _read_rows(stream: OutboundStream, reader: Actor, end: int) -> Sequence[Row[Any]]:
    """Return the entries of the next delivery, or of the one that did not arrive.

    The latter contains all entries chosen for it, even if an erasure has made it longer. Values withheld from `reader`
    are NULL.
    """
    place = tuple_(AuditLog.pos, AuditLog.id)
    sent = (-1, BEGINNING) if stream.sent_pos is None else (stream.sent_pos, stream.sent_id)
    columns: Select[Any] = select(*visible_columns(reader), AuditLog.pos)
    entries = unscoped(columns, why="withheld values are NULL; readers of the trail can see everything else").where(
        AuditLog.organization_id == stream.organization_id, place > sent, AuditLog.pos < end
    )
    in_order = entries.order_by(AuditLog.pos, AuditLog.id)
    if stream.delivery_id is not None:
        return db.session.execute(in_order.where(place <= (stream.until_pos, stream.until_id))).all()
    # Fetch a few at a time: a single transcript can be as large as a delivery.
    rows = db.session.execute(in_order.limit(rules.MAX_ENTRIES), execution_options={"yield_per": _ROWS_AT_ONCE})
    with closing(rows):
        return _fitting(rows)


def _fitting(rows: Iterable[Row[Any]]) -> Sequence[Row[Any]]:
    """Return as many of `rows` as fit into a delivery, at least one if there is any."""
    fitting: list[Row[Any]] = []
    size = 0
    for row in rows:
        size += len(_as_lines([entry_as_json(row)]))
        if fitting and size > rules.MAX_BYTES:
            break
        fitting.append(row)
    return fitting


def _send(delivery: Delivery) -> bool:
    """Send the delivery, record the result, and return whether it arrived."""
    failure = _failure_of(delivery)
    stream = _locked(delivery.stream_id)
    if stream is None or stream.delivery_id != delivery.id:
        return False  # deleted in the meantime, or another worker considered this one dead
    if failure is None:
        _arrived(stream)
    else:
        _failed(stream, failure)
    db.session.commit()
    return failure is None


def _failure_of(delivery: Delivery) -> str | None:
    """Send the delivery and return None if it was accepted, or else a message with the cause."""
    settings: Settings = current_app.config["SETTINGS"]
    network = Network(settings.stream_private_networks, settings.stream_ca_file)
    try:
        secret = unseal(delivery.secret, sealing_purpose(delivery.stream_id))
        headers = {
            "Content-Type": _MEDIA_TYPE,
            "X-Switchboard-Delivery": str(delivery.id),
            "X-Switchboard-Signature": sign(secret, int(datetime.now(UTC).timestamp()), delivery.body),
        }
        post(delivery.url, delivery.body, headers, network)
    except DomainError as error:
        return str(error.message)[:_MAX_ERROR_LENGTH]
    return None


def _arrived(stream: OutboundStream) -> None:
    stream.sent_pos, stream.sent_id = stream.until_pos, stream.until_id
    stream.delivery_id = stream.until_pos = stream.until_id = None
    stream.last_sent_at = datetime.now(UTC)
    stream.attempts, stream.last_error = 0, None
    stream.failing_since = stream.next_try_at = None


def _failed(stream: OutboundStream, failure: str) -> None:
    now = datetime.now(UTC)
    stream.attempts += 1
    stream.last_error = failure
    stream.failing_since = stream.failing_since or now
    stream.next_try_at = now + rules.wait_after(stream.attempts)
    if rules.is_given_up(stream.failing_since, now):
        stream.enabled = False
        name_action(Action.STREAM_STOPPED, stream)
        sentence = _l(
            "The stream “%(name)s” was stopped after a day of failed deliveries. No entries are lost; resume "
            "it once the receiving system responds.",
            name=stream.name,
        )
        _notify_people(stream, sentence)


def _notify_people(stream: OutboundStream, sentence: LazyText) -> None:
    """Send a notification to the users who can resume the stream."""
    people = list_people_in_charge(stream.organization_id, Role.OWNER, Role.ADMIN)
    notify_all(STREAM_STOPPED, people, sentence, f"/audit/streams/{stream.id}", stream.id)


def _locked(stream_id: UUID, *, skip: bool = False) -> OutboundStream | None:
    whose = (OutboundStream.organization_id == current_context().organization_id, OutboundStream.id == stream_id)
    stream = unscoped(select(OutboundStream), why="the worker locks the stream that it sends")
    locked = stream.where(*whose).with_for_update(skip_locked=skip)
    return db.session.scalar(locked.execution_options(populate_existing=True))


def _as_lines(objects: Iterable[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(one, ensure_ascii=False, separators=(",", ":")) + "\n" for one in objects).encode()
