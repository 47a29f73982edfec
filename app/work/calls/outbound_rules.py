"""Rules for calls that users make on their own phones: how each result ends the call record."""

from collections.abc import Mapping
from datetime import timedelta

from flask_babel import lazy_gettext as _l

from app.models import AttemptResult, CallOutcome, CallStatus

#: An active call without a result is ended after this time.
FORGOTTEN_AFTER = timedelta(hours=1)

#: How long the user can undo the result of a call.
TAKE_BACK = timedelta(minutes=10)

#: Results that a user can record.
RESULTS = (AttemptResult.REACHED, AttemptResult.NO_ANSWER, AttemptResult.VOICEMAIL, AttemptResult.WRONG_NUMBER)

#: Result → status and outcome. A voicemail left by us is not a missed call, so its status is not `voicemail`.
ENDS: Mapping[AttemptResult, tuple[CallStatus, CallOutcome | None]] = {
    AttemptResult.REACHED: (CallStatus.COMPLETED, None),
    AttemptResult.NO_ANSWER: (CallStatus.FAILED, CallOutcome.NO_ANSWER),
    AttemptResult.VOICEMAIL: (CallStatus.FAILED, CallOutcome.VOICEMAIL),
    AttemptResult.WRONG_NUMBER: (CallStatus.FAILED, CallOutcome.WRONG_NUMBER),
    AttemptResult.FAILED: (CallStatus.FAILED, None),
}

WITHHELD = _l("The caller’s number was withheld, so you can’t call or text back.")
