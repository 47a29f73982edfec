"""Pages of webhook deliveries: the list, one delivery, and its body as a file.

They are not below `/webhooks/`, where errors are JSON for providers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Response, make_response, render_template, url_for

from app.declarations.registry import registry
from app.lists.cells import draw
from app.lists.list_page import list_page
from app.models import Provider
from app.organization.webhooks.body_rules import displayed_body, displayed_headers, displayed_text, is_emptied
from app.organization.webhooks.body_service import read_body
from app.organization.webhooks.detail_queries import get_delivery
from app.organization.webhooks.replay_rules import is_replayable
from app.organization.webhooks.resource import WEBHOOK_DELIVERY
from app.organization.webhooks.views import webhooks
from app.security.actor import Actor, current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.trust.audit_log.name_queries import UNKNOWN_RECORD, Named, names_of
from app.trust.audit_log.words import action_sentence, resource_label


@dataclass(frozen=True, slots=True)
class EffectLine:
    """A change that a delivery made: its action in words, the kind of record, the record, and the URL of its page."""

    action: str
    kind: str
    record: Named
    href: str | None


@webhooks.get("/webhooks")
@requires(Permission.WEBHOOKS_READ)
def index() -> Response:
    """List deliveries, latest first."""
    return list_page(WEBHOOK_DELIVERY, "organization/webhooks", own=("event_type", "status", "error"))


@webhooks.get("/webhook-deliveries/<uuid:delivery_id>")
@requires(Permission.WEBHOOKS_READ)
def show(delivery_id: UUID) -> Response:
    return make_response(delivery_page(current_actor(), delivery_id))


@webhooks.get("/webhook-deliveries/<uuid:delivery_id>/file")
@requires(Permission.WEBHOOKS_READ)
def download(delivery_id: UUID) -> Response:
    """Send the body as it arrived; the audit trail records it."""
    provider, body = read_body(current_actor(), delivery_id)
    disposition = f'attachment; filename="{provider}-{delivery_id}.txt"'
    return Response(body, content_type="application/octet-stream", headers={"Content-Disposition": disposition})


def delivery_page(actor: Actor, delivery_id: UUID, refusal: Any = None) -> str:
    """Return the page of a delivery, with the error of a `refusal`. Raises NotFound."""
    row = get_delivery(actor, delivery_id)
    is_whole = row.body_bytes == len(row.beginning)
    replayable = is_replayable(row.status, is_verified=row.signature_ok, body_bytes=row.body_bytes)
    return render_template(
        "organization/webhooks/show.html",
        delivery=row,
        labels=WEBHOOK_DELIVERY.labels,
        status=draw(WEBHOOK_DELIVERY, "status", row.status),
        error=displayed_text(row.error or ""),
        headers=displayed_headers(row.headers),
        body=displayed_body(Provider(row.provider), row.beginning, is_whole=is_whole and row.signature_ok),
        is_whole=is_whole,
        is_emptied=is_emptied(row.body_bytes, row.body_sha256),
        effects=_effects_of(actor, row.effects),
        may_replay=replayable and actor.may(Permission.WEBHOOKS_REPLAY),
        refusal=refusal,
    )


def _effects_of(actor: Actor, stored: Sequence[Mapping[str, str]]) -> list[EffectLine]:
    records = [(effect["resource_type"], UUID(effect["resource_id"])) for effect in stored]
    names = names_of(actor, records)
    lines = []
    for effect, record in zip(stored, records, strict=True):
        named = names.get(record, UNKNOWN_RECORD)
        lines.append(
            EffectLine(action_sentence(effect["action"]), resource_label(record[0]), named, _href_of(record[0], named))
        )
    return lines


def _href_of(resource_type: str, record: Named) -> str | None:
    """Return the URL of a record's page, or of the page of all records of its kind; None if it isn't visible."""
    resource = registry().resources.get(resource_type)
    if record.href or record.name is None or resource is None or resource.common_page is None:
        return record.href
    return url_for(resource.common_page)
