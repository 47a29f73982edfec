"""Messages shown after an outbound call was started, or after its result was recorded."""

from flask import flash
from flask_babel import gettext as _

from app.models import AttemptResult, Call

#: Category of the flash message for a call that was just started: the call bar reads it and dials.
DIALLED = "dialled"


def flash_dial(call: Call) -> None:
    """Have the next page dial: its call bar has the number as a link, which a script follows."""
    flash(str(call.id), DIALLED)


def done_words(result: AttemptResult, *, is_queued: bool) -> str:
    """Return the message for a recorded result, with the next step if the caller is in the queue."""
    if not is_queued:
        return str(_("Call result saved."))
    done: dict[AttemptResult, str] = {
        AttemptResult.REACHED: _("Reached. Book an appointment, or dismiss the caller."),
        AttemptResult.NO_ANSWER: _("No answer. The caller is back in the queue for a later attempt."),
        AttemptResult.VOICEMAIL: _("Voicemail left. The caller is back in the queue for a later attempt."),
        AttemptResult.WRONG_NUMBER: _("Wrong number. Dismiss the caller, or find another number."),
    }
    return str(done[result])
