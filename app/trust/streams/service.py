"""Managing outbound streams; sending is in `app.trust.streams.send_service`.

A secret is generated here, shown once and stored encrypted. Every change locks the stream's row first. A stream
contains what its creator can read; the user who resumes it or changes its URL becomes its creator.
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
from app.tenancy.actor_rules import require_own_person
from app.tenancy.organization_queries import lock_organization
from app.trust.streams import rules
from app.trust.streams.jobs import send_streams, test_stream
from app.trust.streams.queries import complete_to, find_stream, get_locked
from app.trust.streams.send_service import sealing_purpose

_SECRET_BYTES = 32


def create_stream(
    actor: Actor, stream_id: UUID, name: str, url: str, *, from_beginning: bool
) -> tuple[OutboundStream, str | None]:
    """Create a stream and return it with its secret, to be shown once.

    It starts with the current end of the trail unless `from_beginning` is set. `stream_id` is generated with the form,
    so submitting it twice creates one stream, whose secret is not shown again (None). Raises Forbidden,
    ValidationFailed, and Conflict for a name that is taken, too many streams, or a form submitted again with other
    values.
    """
    actor.requires(*rules.NEEDED)
    _require_own_person(actor)
    rules.check_url(url)
    lock_organization(actor.organization_id)  # prevents concurrent counting
    there = find_stream(actor, stream_id)
    if there is not None:
        if (there.name, there.url) != (name, url):
            raise Conflict(None, _l("This form was already submitted. Open a new one to add another stream."))
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
    """Change the name or URL; with a new URL, the stream contains what `actor` can read from then on.

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
        row.next_try_at = None  # a delivery that failed at the old URL is retried at the new one immediately
    return row


def pause_stream(actor: Actor, stream_id: UUID) -> OutboundStream:
    """Pause sending until the stream is resumed; no entries are lost in the meantime.

    Raises NotFound and Forbidden.
    """
    row = _locked(actor, stream_id)
    if row.enabled:
        row.enabled = False
        name_action(Action.STREAM_PAUSED, row)
    return row


def resume_stream(actor: Actor, stream_id: UUID) -> OutboundStream:
    """Resume a paused stream immediately, from where it stopped, as a stream of `actor`.

    From then on, it sends what `actor` can read, and its failed attempts are reset. Has no effect on a stream that
    isn't paused. Raises NotFound and Forbidden.
    """
    row = _locked(actor, stream_id)
    if not row.enabled:
        _take_over(actor, row)
        row.enabled, row.paused_because = True, None
        row.attempts, row.failing_since, row.next_try_at = 0, None, None
        name_action(Action.STREAM_RESUMED, row)
        enqueue(send_streams)
    return row


def change_secret(actor: Actor, stream_id: UUID) -> tuple[OutboundStream, str]:
    """Replace the secret, effective with the next delivery, and return it to be shown once.

    Raises NotFound and Forbidden.
    """
    row = _locked(actor, stream_id)
    secret = _new_secret()
    row.secret = seal(secret, sealing_purpose(row.id))
    name_action(Action.STREAM_REKEYED, row)
    return row, secret


def delete_stream(actor: Actor, stream_id: UUID) -> OutboundStream:
    """Delete the stream, including its position in the trail, and return it.

    Raises NotFound and Forbidden.
    """
    row = _locked(actor, stream_id)
    db.session.delete(row)
    db.session.flush()
    return row


def request_test(actor: Actor, stream_id: UUID) -> OutboundStream:
    """Have the worker send a test line that is not an entry.

    Raises NotFound and Forbidden.
    """
    row = _locked(actor, stream_id)
    row.tested_at = row.test_error = None
    request_job(test_stream, one_by_one=f"streams.test:{row.id}", stream_id=str(row.id))
    return row


def _locked(actor: Actor, stream_id: UUID) -> OutboundStream:
    actor.requires(*rules.NEEDED)
    return get_locked(actor, stream_id)


def _take_over(actor: Actor, row: OutboundStream) -> None:
    _require_own_person(actor)
    row.created_by, row.created_by_label = actor.user_id, actor.name


def _require_own_person(actor: Actor) -> None:
    """Raise Forbidden for guests, who are not users of the organization: their stream would contain nothing."""
    require_own_person(actor, rules.NEEDED[0])


def _number(actor: Actor) -> int:
    return db.session.scalar(visible(OutboundStream, actor).with_only_columns(func.count())) or 0


def _new_secret() -> str:
    return f"swsec_{secrets.token_urlsafe(_SECRET_BYTES)}"
