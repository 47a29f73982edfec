"""`/audit/operations/<id>/revert` and `/audit/reverts/<id>`: reverting a whole operation, at once or by the worker."""

from operator import attrgetter
from typing import Any, NamedTuple
from uuid import UUID

from flask import Response, flash, make_response, render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from app.errors import DomainError
from app.lists.csv import csv_file, csv_response
from app.lists.file import file_fields, header_of, lines_of
from app.lists.listing import show_list
from app.lists.table import table_of
from app.security.actor import Actor, current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.trust.audit_log import operation_service
from app.trust.audit_log.name_queries import Named, named_kinds, named_then, names_of
from app.trust.audit_log.operation_forms import ChosenRecordsForm, StartRevertForm
from app.trust.audit_log.operation_queries import UNFINISHED, count_reasons, find_revert, get_revert, skipped_list
from app.trust.audit_log.operation_service import OperationProposal, propose_operation
from app.trust.audit_log.operation_service import revert_operation as revert_records
from app.trust.audit_log.page import undo_link
from app.trust.audit_log.resource import OPERATION_REVERT, SKIPPED_RECORD
from app.trust.audit_log.revert_rules import who_may
from app.trust.audit_log.revert_service import Proposal
from app.trust.audit_log.revert_views import Step, references_of, steps_of
from app.trust.audit_log.service import export_skipped
from app.trust.audit_log.views import audit_log
from app.trust.audit_log.words import resource_label
from app.web.forms import submitted
from app.web.htmx import redirect, render

audit_log.add_app_template_filter(resource_label, "resource_label")


class RecordSteps(NamedTuple):
    """One record of an operation: its name at the time, the values to set, and the reason if it can't be reverted."""

    proposal: Proposal
    record: Named
    kind: str
    steps: list[Step]
    refusal: str | None


@audit_log.get("/audit/operations/<uuid:operation_id>/revert")
@requires(Permission.AUDIT_READ, Permission.AUDIT_REVERT)
def confirm_revert_operation(operation_id: UUID) -> Response:
    """Show what reverting the operation would do, and ask for confirmation; if it's being reverted, its progress."""
    running = find_revert(current_actor(), operation_id)
    if running is not None:
        return redirect(url_for(".show_revert", operation_revert_id=running.id))
    return make_response(_page(operation_id, StartRevertForm.new()))


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
    return make_response(_page(operation_id, StartRevertForm.new(), sent.error, form.record.data), sent.status)


@audit_log.post("/audit/operations/<uuid:operation_id>/revert/start")
@requires(Permission.AUDIT_READ, Permission.AUDIT_REVERT)
def start_revert(operation_id: UUID) -> Response:
    """Have the worker revert all records of the operation."""
    form = StartRevertForm()
    with submitted(form) as sent:
        form.check()
        row = operation_service.start(current_actor(), form.new_id, operation_id)
        return redirect(url_for(".show_revert", operation_revert_id=row.id))
    return make_response(_page(operation_id, form, sent.error), sent.status)


@audit_log.get("/audit/reverts/<uuid:operation_revert_id>")
@requires(Permission.AUDIT_READ)
def show_revert(operation_revert_id: UUID) -> str:
    """Show the progress or outcome of reverting an operation; the page polls this while it runs."""
    actor = current_actor()
    row = get_revert(actor, operation_revert_id)
    return render(
        "trust/audit_log/show_revert.html",
        "trust/audit_log/_revert_progress.html",
        row=row,
        labels=OPERATION_REVERT.labels,
        is_running=row.status in UNFINISHED,
        reasons=count_reasons(actor, row) if row.records_skipped and row.status not in UNFINISHED else (),
        skipped=show_list(skipped_list(actor, row), "audit_log.show_revert", {}) if row.records_skipped else None,
        table=table_of(SKIPPED_RECORD, actor),
    )


@audit_log.post("/audit/reverts/<uuid:operation_revert_id>/cancel")
@requires(Permission.AUDIT_READ, Permission.AUDIT_REVERT)
def cancel_revert(operation_revert_id: UUID) -> Response:
    """Cancel an unfinished revert; records reverted so far stay reverted."""
    operation_service.cancel(current_actor(), operation_revert_id)
    return redirect(url_for(".show_revert", operation_revert_id=operation_revert_id))


@audit_log.get("/audit/reverts/<uuid:operation_revert_id>/skipped.csv")
@requires(Permission.AUDIT_READ)
@csv_file
def skipped_file(operation_revert_id: UUID) -> Response:
    """Download the records that a revert skipped, as CSV."""
    actor = current_actor()
    rows = export_skipped(actor, operation_revert_id)
    values = attrgetter(*(field.attribute for field in file_fields(SKIPPED_RECORD)))
    header = header_of(SKIPPED_RECORD, actor.timezone)
    return csv_response("skipped", header, lines_of(SKIPPED_RECORD, map(values, rows)))


def _page(
    operation_id: UUID, form: StartRevertForm, refusal: DomainError | None = None, chosen: list[UUID] | None = None
) -> str:
    """Render the preview for the current state; `refusal` is the error of the last attempt, if it failed.

    All records that can be reverted are selected at first.
    """
    actor = current_actor()
    operation = propose_operation(actor, operation_id)
    context: dict[str, Any] = {
        "operation": operation,
        "refusal": refusal.sentence if refusal else operation.refusal,
        "own_undo": undo_link(operation.origin),
    }
    if operation.kinds:
        kinds = [(resource_label(one.kind), one.records) for one in operation.kinds]
        return render_template("trust/audit_log/revert_large_operation.html", **context, kinds=kinds, form=form)
    records = _records(actor, operation)
    return render_template("trust/audit_log/revert_operation.html", **context, records=records, chosen=chosen)


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
