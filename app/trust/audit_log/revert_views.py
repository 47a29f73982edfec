"""`/audit/<id>/revert`: preview and execution of reverting a change."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from flask import Response, flash, make_response, render_template, url_for
from flask_babel import gettext as _

from app.errors import DomainError
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.trust.audit_log.export_page import exports_offered
from app.trust.audit_log.field_kinds import FieldKind, field_kinds
from app.trust.audit_log.name_queries import Named, Reference, names_of, references_in
from app.trust.audit_log.revert_rules import who_may
from app.trust.audit_log.revert_service import Proposal, offer_revert, propose_revert
from app.trust.audit_log.revert_service import revert as revert_change
from app.trust.audit_log.value_page import Change, Value, changes_between, value_of
from app.trust.audit_log.views import audit_log
from app.trust.audit_log.words import entry_sentence
from app.web.forms import submitted
from app.web.htmx import redirect


class Step(NamedTuple):
    """A field with its current and its new value.

    `recorded` is the value that the entry had set; `has_moved` is True if the field was set again since.
    """

    change: Change
    recorded: Value
    has_moved: bool


@audit_log.get("/audit/<uuid:audit_log_id>/revert")
@requires(Permission.AUDIT_READ, Permission.AUDIT_REVERT)
def confirm_revert(audit_log_id: UUID) -> str:
    """Show what reverting the change would do, and ask for confirmation."""
    return _page(audit_log_id)


@audit_log.post("/audit/<uuid:audit_log_id>/revert")
@requires(Permission.AUDIT_READ, Permission.AUDIT_REVERT)
def revert(audit_log_id: UUID) -> Response:
    """Revert the fields of a change."""
    with submitted() as sent:
        revert_change(current_actor(), audit_log_id)
        flash(_("The change was reverted. The audit trail has a new entry for it."), "good")
        return redirect(url_for(".show", audit_log_id=audit_log_id))
    return make_response(_page(audit_log_id, sent.error), sent.status)


@audit_log.context_processor
def _offers() -> dict[str, Any]:
    """Return the functions that the templates of the entry and the list call.

    They are called only where the templates need them: error pages can be shown without a signed-in user.
    """
    return {
        "revert_offer": lambda entry: offer_revert(current_actor(), entry),
        "exports_offered": lambda: exports_offered(current_actor()),
    }


def _page(entry_id: UUID, refusal: DomainError | None = None) -> str:
    """Render the preview for the current state; `refusal` is the error of the last attempt, if it failed."""
    actor = current_actor()
    proposal = propose_revert(actor, entry_id)
    return render_template(
        "trust/audit_log/revert.html",
        proposal=proposal,
        entry=proposal.entry,
        steps=steps_of(proposal, names_of(actor, references_of(proposal))),
        refusal=refusal.sentence if refusal else proposal.refusal,
        needs=who_may(proposal.missing) if proposal.missing else None,
        sentence=entry_sentence(proposal.entry.action, proposal.entry.details),
    )


def references_of(proposal: Proposal) -> Iterator[Reference]:
    """Return the types and ids of the records that the fields of one change refer to."""
    return references_in(proposal.entry.resource_type, _sides(proposal))


def steps_of(proposal: Proposal, names: Mapping[Reference, Named]) -> list[Step]:
    """Return the changed fields of one change as steps, with `names` in place of ids."""
    resource, fields = proposal.entry.resource_type, proposal.fields
    kinds, (now, wanted, recorded) = field_kinds(resource), _sides(proposal)
    return [
        Step(
            change,
            value_of(recorded[change.name], kinds.get(change.name, FieldKind()), names),
            change.name in {state.name for state in fields if state.has_moved},
        )
        for change in changes_between(resource, now, wanted, names)
    ]


def _sides(proposal: Proposal) -> list[dict[str, Any]]:
    return [{state.name: getattr(state, side) for state in proposal.fields} for side in ("now", "wanted", "recorded")]
