"""Actions on entries of the missed-call queue, each a button or a short form that returns to its page."""

from collections.abc import Callable
from uuid import UUID

from flask import Response, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _

from app.errors import DomainError, Forbidden
from app.models import RescuedBy
from app.people.users.queries import csr_choices
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.web.forms import Form, submitted
from app.web.htmx import redirect, wants_fragment
from app.web.undo import back_to_the_page, flash_result
from app.work.calls.outbound_page import flash_dial
from app.work.missed_calls import call_service, ending_service, said_service, service, text_service
from app.work.missed_calls.detail_queries import list_blocked
from app.work.missed_calls.filters import Tab
from app.work.missed_calls.forms import BlockForm, CreditForm, DismissForm, TextForm
from app.work.missed_calls.views import missed_calls, open_in_list, opened_row, shown

_ENTRY = "missed_calls.show"


@missed_calls.post("/missed-calls/claim-next")
@requires(Permission.MISSED_CALLS_WORK)
def claim_next() -> Response:
    """Claim the caller who is due next."""
    with submitted(also=(Forbidden,)) as sent:  # shows guests of the organization why they can't
        entry = service.claim_next(current_actor())
        return redirect(url_for(".index", tab=Tab.TO_DO, open=entry.id))
    flash(str(sent.error.sentence) if sent.error else "", "bad")
    return redirect(url_for(".index"))


@missed_calls.post("/missed-calls/<uuid:entry_id>/claim")
@requires(Permission.MISSED_CALLS_WORK)
def claim(entry_id: UUID) -> Response:
    """Claim a caller, or renew the claim."""
    return _pressed(entry_id, lambda: service.claim(current_actor(), entry_id), _("Claimed for 10 minutes."))


@missed_calls.post("/missed-calls/<uuid:entry_id>/release")
@requires(Permission.MISSED_CALLS_WORK)
def release(entry_id: UUID) -> Response:
    """Release a caller to the queue."""
    return _pressed(entry_id, lambda: service.release(current_actor(), entry_id), _("Caller returned to the queue."))


@missed_calls.post("/missed-calls/<uuid:entry_id>/call")
@requires(Permission.MISSED_CALLS_WORK)
def call(entry_id: UUID) -> Response:
    """Claim a caller and call them.

    The next page has the number as a link, which a script follows.
    """
    with submitted() as sent:
        begun = call_service.call_back(current_actor(), entry_id)
        flash_dial(begun)
        in_list = open_in_list(current_actor(), entry_id)
        return redirect(in_list) if in_list else back_to_the_page(_ENTRY, entry_id=entry_id)
    return _refused(sent.error, entry_id)


@missed_calls.post("/missed-calls/<uuid:entry_id>/text")
@requires(Permission.MISSED_CALLS_WORK)
def send_text(entry_id: UUID) -> Response:
    """Write a text message to a caller, which waits in the outbox."""
    form = TextForm()
    return _sent(
        entry_id,
        form,
        lambda: text_service.write_text(current_actor(), entry_id, form.new_id, form.body.data or ""),
        _("Text saved to the outbox. It counts as an attempt once it’s marked as sent."),
    )


@missed_calls.post("/missed-calls/<uuid:entry_id>/texts/<uuid:message_id>/sent")
@requires(Permission.MISSED_CALLS_WORK)
def mark_text_sent(entry_id: UUID, message_id: UUID) -> Response:
    """Mark a text as sent, from the queue or the outbox."""
    return _pressed(
        entry_id,
        lambda: text_service.mark_text_sent(current_actor(), entry_id, message_id),
        _("Text marked as sent."),
    )


@missed_calls.post("/missed-calls/<uuid:entry_id>/texts/<uuid:message_id>/cancel")
@requires(Permission.MISSED_CALLS_WORK)
def cancel_text(entry_id: UUID, message_id: UUID) -> Response:
    """Cancel a text that is waiting to be sent."""
    return _pressed(
        entry_id, lambda: text_service.cancel_text(current_actor(), entry_id, message_id), _("Text canceled.")
    )


@missed_calls.post("/missed-calls/<uuid:entry_id>/dismiss")
@requires(Permission.MISSED_CALLS_WORK)
def dismiss(entry_id: UUID) -> Response:
    """Dismiss a caller from the queue."""
    form = DismissForm()
    return _sent(
        entry_id,
        form,
        lambda: ending_service.dismiss(current_actor(), entry_id, form.reason.data or "", version=form.opened_with),
        _("Caller dismissed."),
        undo=url_for(".reopen", entry_id=entry_id),
    )


@missed_calls.post("/missed-calls/<uuid:entry_id>/reopen")
@requires(Permission.MISSED_CALLS_WORK)
def reopen(entry_id: UUID) -> Response:
    """Return a dismissed caller to the queue."""
    return _pressed(
        entry_id, lambda: ending_service.reopen(current_actor(), entry_id), _("Caller returned to the queue.")
    )


@missed_calls.post("/missed-calls/<uuid:entry_id>/block")
@requires(Permission.MISSED_CALLS_CORRECT)
def block(entry_id: UUID) -> Response:
    """Block the number of a caller."""
    form = BlockForm()
    return _sent(
        entry_id,
        form,
        lambda: ending_service.block_number(current_actor(), entry_id, form.new_id, form.reason.data or ""),
        _("Number blocked. Its missed calls no longer go to the queue."),
    )


@missed_calls.post("/missed-calls/<uuid:entry_id>/credit")
@requires(Permission.MISSED_CALLS_CORRECT)
def correct_credit(entry_id: UUID) -> Response:
    """Correct who is credited with a rescue."""
    form = CreditForm()
    form.offer(csr_choices(current_actor()))
    return _sent(
        entry_id,
        form,
        lambda: ending_service.correct_credit(
            current_actor(),
            entry_id,
            RescuedBy(form.rescued_by.data),
            form.chosen_person,
            form.reason.data or "",
            version=form.opened_with,
        ),
        _("Credit corrected."),
    )


@missed_calls.post("/missed-calls/<uuid:entry_id>/said/name")
@requires(Permission.MISSED_CALLS_READ, Permission.CONTACTS_WRITE)
def use_name(entry_id: UUID) -> Response:
    """Accept the name that the caller said, for their contact."""
    shown_value = request.form.get("value", "")
    return _pressed(
        entry_id, lambda: said_service.use_name(current_actor(), entry_id, shown_value), _("Name saved to the contact.")
    )


@missed_calls.post("/missed-calls/<uuid:entry_id>/said/address")
@requires(Permission.MISSED_CALLS_READ, Permission.CONTACTS_WRITE)
def use_address(entry_id: UUID) -> Response:
    """Accept the address that the caller said, for their contact."""
    shown_value = request.form.get("value", "")
    return _pressed(
        entry_id,
        lambda: said_service.use_address(current_actor(), entry_id, shown_value),
        _("Address saved to the contact."),
    )


@missed_calls.get("/missed-calls/blocked")
@requires(Permission.MISSED_CALLS_READ)
def blocked() -> str:
    """Show the blocked numbers."""
    actor = current_actor()
    may_correct = actor.may(Permission.MISSED_CALLS_CORRECT)
    return render_template("work/missed_calls/blocked.html", numbers=list_blocked(actor), may_correct=may_correct)


@missed_calls.post("/missed-calls/blocked/<uuid:row_id>/unblock")
@requires(Permission.MISSED_CALLS_CORRECT)
def unblock(row_id: UUID) -> Response:
    """Unblock a number, so that its calls open entries again."""
    ending_service.unblock_number(current_actor(), row_id)
    flash(_("Number unblocked."), "good")
    return redirect(url_for(".blocked"))


def _pressed(entry_id: UUID, change: Callable[[], object], done: str) -> Response:
    """Handle a button: call `change`, then return to its page with the result or the error.

    In the list, the response is the open row in its current state.
    """
    actor = current_actor()
    with submitted() as sent:
        change()
        if wants_fragment():
            return make_response(opened_row(actor, entry_id))
        flash(done, "good")
        return back_to_the_page(_ENTRY, entry_id=entry_id)
    if wants_fragment():
        return make_response(opened_row(actor, entry_id, sent.error), sent.status)
    return _refused(sent.error, entry_id)


def _refused(error: DomainError | None, entry_id: UUID) -> Response:
    """Return to the page of a button with the error."""
    flash(str(error.sentence) if error else "", "bad")
    return back_to_the_page(_ENTRY, entry_id=entry_id)


def _sent(entry_id: UUID, form: Form, change: Callable[[], object], done: str, *, undo: str | None = None) -> Response:
    """Handle a form: call `change`, then return to the page, or show the form with its errors.

    In the list, the response is the open row with the result or the errors.
    """
    actor = current_actor()
    with submitted(form) as sent:
        form.check()
        change()
        if wants_fragment():
            return make_response(opened_row(actor, entry_id, done=done, undo=undo))
        flash_result(done, undo)
        return redirect(open_in_list(actor, entry_id) or url_for(".show", entry_id=entry_id))
    page = opened_row(actor, entry_id, submitted=form) if wants_fragment() else shown(actor, entry_id, form)
    return make_response(page, sent.status)
