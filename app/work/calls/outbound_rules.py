"""Calls that people make on their own phones: how each result ends the record of one."""

from collections.abc import Mapping
from datetime import timedelta

from flask_babel import lazy_gettext as _l

from app.models import AttemptResult, CallOutcome, CallStatus

#: Nobody talks longer without saying how it went.
FORGOTTEN_AFTER = timedelta(hours=1)

#: How long whoever said how a call went may take it back.
TAKE_BACK = timedelta(minutes=10)

#: What a person can say of a call.
RESULTS = (AttemptResult.REACHED, AttemptResult.NO_ANSWER, AttemptResult.VOICEMAIL, AttemptResult.WRONG_NUMBER)

#: Result → status and outcome. A voicemail that we leave is no call that we missed: its status is not `voicemail`.
ENDS: Mapping[AttemptResult, tuple[CallStatus, CallOutcome | None]] = {
    AttemptResult.REACHED: (CallStatus.COMPLETED, None),
    AttemptResult.NO_ANSWER: (CallStatus.FAILED, CallOutcome.NO_ANSWER),
    AttemptResult.VOICEMAIL: (CallStatus.FAILED, CallOutcome.VOICEMAIL),
    AttemptResult.WRONG_NUMBER: (CallStatus.FAILED, CallOutcome.WRONG_NUMBER),
    AttemptResult.FAILED: (CallStatus.FAILED, None),
}

WITHHELD = _l("The number was withheld, so nobody can call or text back.")
