"""Sending the trail on: what the worker does for one organization.

A delivery is chosen and its end written down before it goes out, so that a try that nobody knows the end of is made
again as the same delivery. It arrives at least once; who gets it twice knows it by its id. Each step is committed: no
transaction is open while the other side is waited for.
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
from app.clients.webhook import Network, post, sign
from app.config import Settings
from app.db.context import current_context
from app.db.ids import uuid7
from app.errors import DomainError, Sentence
from app.extensions import db
from app.models import AuditLog, OutboundStream, Role, StreamPause
from app.security.actor import Actor
from app.security.encryption import unseal
from app.security.scope import unscoped
from app.tenancy.actor_queries import find_person
from app.tenancy.notification_service import notify_all
from app.tenancy.people_queries import list_people_in_charge
from app.trust.audit_log.export import entry_as_json
from app.trust.audit_log.withheld_queries import told_columns
from app.trust.streams import rules
from app.trust.streams.notices import STREAM_STOPPED
from app.trust.streams.queries import complete_to

_MAX_ERROR_LENGTH = 1_000
_ROWS_AT_ONCE = 20
_MEDIA_TYPE = "application/x-ndjson"


@dataclass(frozen=True, slots=True)
class Delivery:
    """Entries on their way to a stream, the last of them at (`until_pos`, `until_id`). The same `id` is the same
    delivery, also when it is sent twice. `secret` is encrypted still."""

    id: UUID
    stream_id: UUID
    url: str
    secret: bytes = field(repr=False)
    body: bytes = field(repr=False)


def send_streams(until: datetime) -> None:
    """Send what is complete to every stream of the organization in the context that is due, and stop at `until`; the
    next run goes on from there."""
    for stream_id in _list_due():
        while datetime.now(UTC) < until:
            delivery = _next_delivery(stream_id)
            db.session.commit()
            if delivery is None or not _send(delivery):
                break


def send_test(stream_id: UUID) -> None:
    """Send one line that is no entry, and write down what came of it. A stream that is gone is left alone."""
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
    """What the secret of a stream is encrypted for."""
    return f"outbound_stream:{stream_id}"


def _list_due() -> Sequence[UUID]:
    """Who has waited longest comes first: a slow one keeps the others back in one run, not in all."""
    now = datetime.now(UTC)
    due = (
        unscoped(select(OutboundStream.id), why="the worker sends for the organization, and nobody asks")
        .where(OutboundStream.organization_id == current_context().organization_id, OutboundStream.enabled)
        .where(or_(OutboundStream.next_try_at.is_(None), OutboundStream.next_try_at <= now))
        .order_by(OutboundStream.last_sent_at.asc().nulls_first(), OutboundStream.id)
        .limit(rules.MAX_STREAMS)
    )
    return db.session.scalars(due).all()


def _next_delivery(stream_id: UUID) -> Delivery | None:
    """Choose it, or take the one again that did not arrive, and keep others from it; None when there is nothing to
    send, nobody to send it for, or somebody else is at it."""
    now = datetime.now(UTC)
    stream = _locked(stream_id, skip=True)
    if stream is None or not stream.enabled or (stream.next_try_at is not None and stream.next_try_at > now):
        return None
    reader = _reader_of(stream)
    if reader is None:
        return None
    rows = _read_rows(stream, reader, complete_to())
    if not rows:  # a delivery whose entries are gone since is none
        stream.delivery_id = stream.until_pos = stream.until_id = None
        return None
    if stream.delivery_id is None:
        stream.delivery_id, stream.until_pos, stream.until_id = uuid7(), rows[-1].pos, rows[-1].id
    stream.next_try_at = now + rules.LEASE
    return Delivery(stream.delivery_id, stream.id, stream.url, stream.secret, _as_lines(map(entry_as_json, rows)))


def _reader_of(stream: OutboundStream) -> Actor | None:
    """Whoever set it up, with the rights that they have now. None where they have none: it is paused then, but for an
    organization that is suspended, where everybody's rights rest."""
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
        "The stream “%(name)s” is paused: it was sent in the name of %(person)s, who may not do that any more. Nothing "
        "is lost; whoever resumes it has it sent in their own name.",
        name=stream.name,
        person=stream.created_by_label or _l("somebody who is not here"),
    )
    _tell_people(stream, sentence)


def _read_rows(stream: OutboundStream, reader: Actor, end: int) -> Sequence[Row[Any]]:
    """The entries of the next delivery, or of the one that did not arrive: all that was chosen for it then, though an
    erasure may have made that longer. Values that are closed to `reader` are left out."""
    place = tuple_(AuditLog.pos, AuditLog.id)
    sent = (-1, BEGINNING) if stream.sent_pos is None else (stream.sent_pos, stream.sent_id)
    columns: Select[Any] = select(*told_columns(reader), AuditLog.pos)
    entries = unscoped(columns, why="of closed entries the columns hold nothing; all else is told").where(
        AuditLog.organization_id == stream.organization_id, place > sent, AuditLog.pos < end
    )
    in_order = entries.order_by(AuditLog.pos, AuditLog.id)
    if stream.delivery_id is not None:
        return db.session.execute(in_order.where(place <= (stream.until_pos, stream.until_id))).all()
    # A few at a time: one transcript can be as large as a delivery.
    rows = db.session.execute(in_order.limit(rules.MAX_ENTRIES), execution_options={"yield_per": _ROWS_AT_ONCE})
    with closing(rows):
        return _fitting(rows)


def _fitting(rows: Iterable[Row[Any]]) -> Sequence[Row[Any]]:
    """As many of `rows` as fit into a delivery, at least one unless there is none."""
    fitting: list[Row[Any]] = []
    size = 0
    for row in rows:
        size += len(_as_lines([entry_as_json(row)]))
        if fitting and size > rules.MAX_BYTES:
            break
        fitting.append(row)
    return fitting


def _send(delivery: Delivery) -> bool:
    """Send it and write down what came of it; whether it has arrived."""
    failure = _failure_of(delivery)
    stream = _locked(delivery.stream_id)
    if stream is None or stream.delivery_id != delivery.id:
        return False  # deleted meanwhile, or another worker took this one for dead
    if failure is None:
        _arrived(stream)
    else:
        _failed(stream, failure)
    db.session.commit()
    return failure is None


def _failure_of(delivery: Delivery) -> str | None:
    """Send it; None when it was taken, else what went wrong in words."""
    settings: Settings = current_app.config["SETTINGS"]
    network = Network(settings.stream_private_networks, settings.stream_ca_file)
    try:
        secret = unseal(delivery.secret, sealing_purpose(delivery.stream_id))
        headers = {
            "Content-Type": _MEDIA_TYPE,
            "User-Agent": "Switchboard",
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
            "The stream “%(name)s” is stopped: it could not be delivered for a day. Nothing is lost; resume it once "
            "the other side answers.",
            name=stream.name,
        )
        _tell_people(stream, sentence)


def _tell_people(stream: OutboundStream, sentence: Sentence) -> None:
    """Those who can resume it."""
    people = list_people_in_charge(stream.organization_id, Role.OWNER, Role.ADMIN)
    notify_all(STREAM_STOPPED, people, sentence, f"/audit/streams/{stream.id}", stream.id)


def _locked(stream_id: UUID, *, skip: bool = False) -> OutboundStream | None:
    whose = (OutboundStream.organization_id == current_context().organization_id, OutboundStream.id == stream_id)
    stream = unscoped(select(OutboundStream), why="the worker holds the stream that it sends")
    locked = stream.where(*whose).with_for_update(skip_locked=skip)
    return db.session.scalar(locked.execution_options(populate_existing=True))


def _as_lines(objects: Iterable[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(one, ensure_ascii=False, separators=(",", ":")) + "\n" for one in objects).encode()
