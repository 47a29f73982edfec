"""`/audit/operations/<id>/revert`: preview and execution of reverting a whole operation."""

from typing import NamedTuple
from uuid import UUID

from flask import Response, flash, make_response, render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from app.errors import DomainError
from app.security.actor import Actor, current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.trust.audit_log.name_queries import Named, named_kinds, named_then, names_of
from app.trust.audit_log.operation_forms import ChosenRecordsForm
from app.trust.audit_log.operation_service import OperationProposal, propose_operation
from app.trust.audit_log.operation_service import revert_operation as revert_records
from app.trust.audit_log.revert_rules import who_may
from app.trust.audit_log.revert_service import Proposal
from app.trust.audit_log.revert_views import Step, references_of, steps_of
from app.trust.audit_log.views import audit_log
from app.trust.audit_log.words import resource_label
from app.web.forms import submitted
from app.web.htmx import redirect


class RecordSteps(NamedTuple):
    """One record of an operation: its name at the time, the values to set, and the reason if it can't be reverted."""

    proposal: Proposal
    record: Named
    kind: str
    steps: list[Step]
    refusal: str | None


@audit_log.get("/audit/operations/<uuid:operation_id>/revert")
@requires(Permission.AUDIT_READ, Permission.AUDIT_REVERT)
def confirm_revert_operation(operation_id: UUID) -> str:
    """Show what reverting the operation would do, and ask for confirmation."""
    return _page(operation_id)


@audit_log.post("/audit/operations/<uuid:operation_id>/revert")
@requires(Permission.AUDIT_READ, Permission.AUDIT_REVERT)
def revert_operation(operation_id: UUID) -> Response:
    """Revert the selected records in a single step."""
    form = ChosenRecordsForm()
    with submitted(form) as sent:
        form.check()
        number = revert_records(current_actor(), operation_id, form.record.data or ())
        done = ngettext(
            "%(num)s record was reverted. The audit trail shows the change.",
            "%(num)s records were reverted. The audit trail shows the changes.",
            number,
        )
        flash(done if number else _("The records already have the earlier values."), "good")
        return redirect(url_for(".index", operation_id=operation_id))
    return make_response(_page(operation_id, sent.error, form.record.data), sent.status)


def _page(operation_id: UUID, refusal: DomainError | None = None, chosen: list[UUID] | None = None) -> str:
    """Render the preview for the current state; `refusal` is the error of the last attempt, if it failed.

    All records that can be reverted are selected at first.
    """
    actor = current_actor()
    operation = propose_operation(actor, operation_id)
    return render_template(
        "trust/audit_log/revert_operation.html",
        operation=operation,
        records=_records(actor, operation),
        chosen=chosen,
        refusal=refusal.sentence if refusal else operation.refusal,
    )


def _records(actor: Actor, operation: OperationProposal) -> list[RecordSteps]:
    """Return the records of an operation with their names and steps."""
    entries = [one.entry for one in operation.records]
    records = [(entry.resource_type, entry.resource_id) for entry in entries if entry.resource_id]
    names = names_of(actor, [*records, *(named for one in operation.records for named in references_of(one))])
    told = named_kinds(actor)
    return [
        RecordSteps(
            one,
            named_then(one.entry, names, told),
            resource_label(one.entry.resource_type),
            steps_of(one, names),
            _refusal(one),
        )
        for one in operation.records
    ]


def _refusal(proposal: Proposal) -> str | None:
    if proposal.refusal is not None:
        return str(proposal.refusal)
    return str(who_may(proposal.missing)) if proposal.missing else None
