"""Setting streams up. What they send is `app.trust.streams.send_service`'s.

A secret is made here, shown once and kept encrypted. Every change locks the stream's row first. A stream carries what
its creator may read; whoever resumes it or says where it goes becomes that.
"""

import secrets
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import func

from app.audit.actions import Action
from app.audit.chain import BEGINNING
from app.audit.record import name_action
from app.db.transaction import translated_integrity_errors
from app.errors import Conflict
from app.extensions import db
from app.models import OutboundStream
from app.ops.jobs.queue import enqueue, request_job
from app.security.actor import Actor
from app.security.encryption import seal
from app.security.scope import visible
from app.tenancy.actor_rules import refuse_guest
from app.tenancy.organization_queries import lock_organization
from app.trust.streams import rules
from app.trust.streams.jobs import send_streams, test_stream
from app.trust.streams.queries import complete_to, find_stream, get_locked
from app.trust.streams.send_service import sealing_purpose

_SECRET_BYTES = 32


def create_stream(
    actor: Actor, stream_id: UUID, name: str, url: str, *, from_beginning: bool
) -> tuple[OutboundStream, str | None]:
    """A new stream, and its secret to be shown. Unless it begins with all that was ever recorded, it begins now.

    `stream_id` is made with the form: the same form sent twice is one stream, whose secret is not shown again (None).
    Raises Forbidden, ValidationFailed, and Conflict for a name that is taken and for too many.
    """
    actor.requires(*rules.NEEDED)
    _refuse_guest(actor)
    rules.check_url(url)
    lock_organization(actor.organization_id)  # nobody else counts meanwhile
    there = find_stream(actor, stream_id)
    if there is not None:
        if (there.name, there.url) != (name, url):
            raise Conflict(None, _l("This form was sent already. Open a new one to add another stream."))
        return there, None
    if _number(actor) >= rules.MAX_STREAMS:
        raise Conflict(None, rules.MAY_BE_MANY)
    secret = _new_secret()
    row = OutboundStream(
        organization_id=actor.organization_id,
        id=stream_id,
        name=name,
        url=url,
        secret=seal(secret, sealing_purpose(stream_id)),
        created_by=actor.user_id,
        created_by_label=actor.name,
        sent_pos=None if from_beginning else complete_to(),
        sent_id=None if from_beginning else BEGINNING,
    )
    with translated_integrity_errors():
        db.session.add(row)
    return row, secret


def change_stream(actor: Actor, stream_id: UUID, name: str, url: str, *, version: int) -> OutboundStream:
    """Another name or address; with another address it carries what `actor` may read from then on.

    Raises NotFound, Forbidden, ValidationFailed, VersionConflict, and Conflict for a name that is taken.
    """
    row = _locked(actor, stream_id)
    if (row.name, row.url) == (name, url):
        return row
    rules.check_url(url)
    row.refuse_stale(version, {"name": row.name, "url": row.url})
    if row.url != url:
        _take_over(actor, row)
    with translated_integrity_errors():
        row.name, row.url = name, url
        row.next_try_at = None  # what did not arrive at the old address is tried at the new one at once
    return row


def pause_stream(actor: Actor, stream_id: UUID) -> OutboundStream:
    """Send nothing until it is resumed; nothing is lost meanwhile. Raises NotFound, Forbidden."""
    row = _locked(actor, stream_id)
    if row.enabled:
        row.enabled = False
        name_action(Action.STREAM_PAUSED, row)
    return row


def resume_stream(actor: Actor, stream_id: UUID) -> OutboundStream:
    """Go on from where it was left, at once, with what `actor` may read. Raises NotFound, Forbidden."""
    row = _locked(actor, stream_id)
    if not row.enabled:
        _take_over(actor, row)
        row.enabled, row.paused_because = True, None
        row.attempts, row.failing_since, row.next_try_at = 0, None, None
        name_action(Action.STREAM_RESUMED, row)
        enqueue(send_streams)
    return row


def change_secret(actor: Actor, stream_id: UUID) -> tuple[OutboundStream, str]:
    """A new secret in place of the old one, from the next delivery on, to be shown. Raises NotFound, Forbidden."""
    row = _locked(actor, stream_id)
    secret = _new_secret()
    row.secret = seal(secret, sealing_purpose(row.id))
    name_action(Action.STREAM_REKEYED, row)
    return row, secret


def delete_stream(actor: Actor, stream_id: UUID) -> OutboundStream:
    """Remove it with its place in the trail; what it was is returned. Raises NotFound, Forbidden."""
    row = _locked(actor, stream_id)
    db.session.delete(row)
    db.session.flush()
    return row


def request_test(actor: Actor, stream_id: UUID) -> OutboundStream:
    """Have the worker send one line that is no entry. Raises NotFound, Forbidden."""
    row = _locked(actor, stream_id)
    row.tested_at = row.test_error = None
    request_job(test_stream, one_by_one=f"streams.test:{row.id}", stream_id=str(row.id))
    return row


def _locked(actor: Actor, stream_id: UUID) -> OutboundStream:
    actor.requires(*rules.NEEDED)
    return get_locked(actor, stream_id)


def _take_over(actor: Actor, row: OutboundStream) -> None:
    _refuse_guest(actor)
    row.created_by, row.created_by_label = actor.user_id, actor.name


def _refuse_guest(actor: Actor) -> None:
    """It would carry nothing: guests are no people of the organization. Raises Forbidden."""
    refuse_guest(actor, rules.NEEDED[0])


def _number(actor: Actor) -> int:
    return db.session.scalar(visible(OutboundStream, actor).with_only_columns(func.count())) or 0


def _new_secret() -> str:
    return f"swsec_{secrets.token_urlsafe(_SECRET_BYTES)}"
