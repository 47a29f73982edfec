"""`/system/repair`: what is not as it should be, what a repair would do about it, and the repair."""

from flask import Response, flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from wtforms import BooleanField, HiddenField
from wtforms.validators import AnyOf

from app.db.context import current_context
from app.integrity.repairs import Outcome, Subject
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.system.repairing import MOST_AT_ONCE, apply_repair, list_findings, rehearse_repairs
from app.system.views import system
from app.web.forms import Form
from app.web.htmx import redirect

_TITLES = {
    Subject.USERS: _l("People"),
    Subject.TASKS: _l("Tasks"),
    Subject.EVENTS: _l("Events"),
}


__all__ = ["system"]  # with the routes of both modules


class RepairForm(Form):
    """The button below a dry run."""

    subject = HiddenField(validators=[AnyOf(list(Subject))])
    clear_past_due = BooleanField()


@system.get("/system/repair")
@requires(Permission.SYSTEM_REPAIR)
def repair() -> str:
    """A dry run of each repair; with `checks=all` everything that any check finds."""
    actor, clears = current_actor(), request.args.get("clear_past_due") == "yes"
    return render_template(
        "system/repair.html",
        # First: a dry run ends the transaction that the findings are read in.
        outcomes=rehearse_repairs(actor, clear_past_due=clears),
        findings=list_findings(actor) if request.args.get("checks") == "all" else None,
        titles=_TITLES,
        clear_past_due=clears,
        most=MOST_AT_ONCE,
    )


@system.post("/system/repair")
@requires(Permission.SYSTEM_REPAIR)
def apply() -> Response:
    """Do one of them."""
    form = RepairForm()
    form.check()
    clears = form.clear_past_due.data
    outcome = apply_repair(current_actor(), Subject(form.subject.data or ""), clear_past_due=clears)
    flash(_told(outcome), "warn" if outcome.errors else "good")
    done = current_context().operation_id
    return redirect(url_for(".repair", clear_past_due="yes" if clears else None, done=done))


def _told(outcome: Outcome) -> str:
    done: str = ngettext("%(num)s record repaired.", "%(num)s records repaired.", len(outcome.repaired))
    if outcome.errors:
        done = _("%(done)s %(number)s were refused; the reasons stand below.", done=done, number=len(outcome.errors))
    return done
