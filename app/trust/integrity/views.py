"""`/system/repair`: what is damaged, what a repair would do about it, and running the repair."""

import re
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from flask import Blueprint, Response, flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup, escape
from wtforms import BooleanField, HiddenField
from wtforms.validators import AnyOf

from app.db.context import current_context
from app.declarations.checked import Found
from app.declarations.registry import registry
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.trust.audit_log.name_queries import names_of
from app.trust.integrity.repair_page_service import MAX_AT_ONCE, apply_repair, list_findings, preview_repairs
from app.trust.integrity.repair_service import Line, Outcome
from app.web.drawing import when
from app.web.forms import Form
from app.web.htmx import redirect

integrity = Blueprint("integrity", __name__)

#: A time in the detail of a finding; commands print it as formatted by the database.
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d(?::\d\d)?)")


class RepairForm(Form):
    """Form of the button that runs a repair, shown below its dry run."""

    subject = HiddenField()
    clear_past_due = BooleanField()

    def validate_subject(self, field: HiddenField) -> None:
        """Check that there is a repair for the subject."""
        AnyOf(list(registry().repairs))(self, field)


@integrity.get("/system/repair")
@requires(Permission.SYSTEM_REPAIR)
def confirm_repair() -> str:
    """Show a dry run of each repair; with `checks=all`, also show the findings of every check."""
    actor, clears = current_actor(), request.args.get("clear_past_due") == "yes"
    # This comes first: a dry run ends the transaction in which the findings are read.
    outcomes = preview_repairs(actor, clear_past_due=clears)
    findings = list_findings(actor) if request.args.get("checks") == "all" else None
    lines: list[Found | Line] = [row for report in findings or () for row in report.found]
    for outcome in outcomes.values():
        lines += [*outcome.repaired, *outcome.findings, *outcome.errors]
    return render_template(
        "ops/system/repair.html",
        outcomes=outcomes,
        findings=findings,
        names=names_of(actor, _references(lines)),
        kinds={name: one.words.label for name, one in registry().resources.items()},
        told=_on_own_clock,
        titles={name: one.title for name, one in registry().repairs.items()},
        clear_past_due=clears,
        most=MAX_AT_ONCE,
    )


@integrity.post("/system/repair")
@requires(Permission.SYSTEM_REPAIR)
def repair() -> Response:
    """Run one of the repairs."""
    form = RepairForm()
    form.check()
    clears = form.clear_past_due.data
    outcome = apply_repair(current_actor(), form.subject.data or "", clear_past_due=clears)
    flash(_outcome_text(outcome), "warn" if outcome.errors else "good")
    done = current_context().operation_id
    return redirect(url_for(".confirm_repair", clear_past_due="yes" if clears else None, done=done))


def _references(lines: Iterable[Found | Line]) -> list[tuple[str, UUID]]:
    return [(line.resource, line.id) for line in lines if line.id is not None]


def _on_own_clock(detail: str) -> Markup:
    """Return the detail of a finding with its times formatted as on the organization's pages."""
    moments = [when(datetime.fromisoformat(moment)) for moment in _MOMENT.findall(detail)]
    words = [escape(part) for part in _MOMENT.split(detail)]
    return Markup("").join(part for pair in zip(words, [*moments, ""], strict=True) for part in pair)


def _outcome_text(outcome: Outcome) -> str:
    done: str = ngettext("%(num)s record repaired.", "%(num)s records repaired.", len(outcome.repaired))
    if outcome.errors:
        done = _(
            "%(done)s %(number)s couldn’t be repaired, for the reasons below.", done=done, number=len(outcome.errors)
        )
    return done
