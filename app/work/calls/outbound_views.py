"""Views that start an outbound call, record its result, and undo the result."""

from collections.abc import Callable
from uuid import UUID

from flask import Response, flash, make_response, render_template, url_for
from flask_babel import gettext as _

from app.errors import DomainError
from app.models import AttemptResult, Call
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.web.forms import submitted
from app.web.htmx import current_page, redirect, wants_fragment
from app.web.redirects import page_before
from app.web.undo import back_to_the_page, flash_result
from app.work.calls import outbound_service
from app.work.calls.outbound_forms import NumberForm, ResultForm
from app.work.calls.outbound_page import done_words, flash_dial
from app.work.calls.views import calls


@calls.post("/calls/to/<uuid:contact_id>")
@requires(Permission.CALLS_UPDATE)
def call_contact(contact_id: UUID) -> Response:
    """Call a contact: the next page has the number as a link, which a script follows."""
    form = NumberForm()

    def begin() -> Call:
        form.check()
        return outbound_service.call_contact(current_actor(), contact_id, form.chosen)

    return _begun(begin, url_for("contacts.show", contact_id=contact_id))


@calls.post("/calls/<uuid:call_id>/call-back")
@requires(Permission.CALLS_UPDATE)
def call_back(call_id: UUID) -> Response:
    """Call back the other party of a call."""
    back = url_for(".show", call_id=call_id)
    return _begun(lambda: outbound_service.call_back(current_actor(), call_id), back)


@calls.post("/calls/<uuid:call_id>/result")
@requires(Permission.CALLS_UPDATE)
def set_result(call_id: UUID) -> Response:
    """Record the result of the user's own call."""
    form = ResultForm()
    with submitted() as sent:
        outbound_service.get_own_call(current_actor(), call_id)
        form.check()
        ended = outbound_service.end_call(current_actor(), call_id, form.chosen)
        words = done_words(form.chosen, is_queued=ended.missed_entry_id is not None)
        undo = url_for(".take_back_result", call_id=call_id)
        is_to_book = form.chosen is AttemptResult.REACHED and ended.missed_entry_id is not None
        if wants_fragment() and not (is_to_book and not _is_shown_here(ended)):
            return make_response(render_template("work/calls/_result_said.html", sentence=words, undo=undo))
        flash_result(words, undo)
        if is_to_book:
            return redirect(url_for("missed_calls.index", tab="mine", open=ended.missed_entry_id))
        return back_to_the_page(".show", call_id=call_id)
    return _refused(sent.error, url_for(".show", call_id=call_id))


@calls.post("/calls/<uuid:call_id>/take-back")
@requires(Permission.CALLS_UPDATE)
def take_back_result(call_id: UUID) -> Response:
    """Undo the last result of a call."""
    with submitted() as sent:
        outbound_service.resume_call(current_actor(), call_id)
        flash(_("The call is in progress again."), "good")
        return back_to_the_page(".show", call_id=call_id)
    return _refused(sent.error, url_for(".show", call_id=call_id))


def _is_shown_here(call: Call) -> bool:
    """Return whether the current page is about this call, its contact or its missed call.

    All next steps are available there.
    """
    here = current_page() or ""
    return any(str(one) in here for one in (call.id, call.contact_card_id, call.missed_entry_id) if one)


def _begun(begin: Callable[[], Call], fallback: str) -> Response:
    with submitted() as sent:
        flash_dial(begin())
        return redirect(page_before() or fallback)
    return _refused(sent.error, fallback)


def _refused(error: DomainError | None, fallback: str) -> Response:
    """Redirect back to the page of the button, with the reason for the failure."""
    flash(str(error.sentence) if error else "", "bad")
    return redirect(page_before() or fallback)
