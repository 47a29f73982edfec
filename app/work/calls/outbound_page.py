"""What pages say of calls from here: that one is dialled, and how it went."""

from flask import flash
from flask_babel import gettext as _

from app.models import AttemptResult, Call

#: Category of the message that a call was begun just now: the bar of that call reads it, and dials.
DIALLED = "dialled"


def flash_dial(call: Call) -> None:
    """Have the next page dial: its bar has the number as a link, which a script follows."""
    flash(str(call.id), DIALLED)


def done_words(result: AttemptResult, *, is_queued: bool) -> str:
    """What was said of a call, and what comes next for whoever waits in the queue."""
    if not is_queued:
        return str(_("Saved how the call went."))
    done: dict[AttemptResult, str] = {
        AttemptResult.REACHED: _("Reached. Book an appointment, or say why not."),
        AttemptResult.NO_ANSWER: _("No answer. The caller comes up again later."),
        AttemptResult.VOICEMAIL: _("Voicemail left. The caller comes up again later."),
        AttemptResult.WRONG_NUMBER: _("Wrong number. Dismiss the caller, or look for another number."),
    }
    return str(done[result])
