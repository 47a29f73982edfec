"""The four ways a call ends: booked, not booked, a service we do not offer, nothing to book."""

from app.demo.conversations.script import Action, Ending, Exchange, OneOf
from app.models.calls import BookingStatus, CallOutcome, Sentiment
from app.models.leads import Qualification

CALL_BACK = Action("call_back", "Call {first} back about the {job}.", 2)


def booked(
    *items: Exchange | OneOf,
    summary: str,
    qualification: Qualification = Qualification.HOT,
    sentiment: Sentiment = Sentiment.POSITIVE,
    actions: tuple[Action, ...] = (),
    risks: tuple[str, ...] = (),
) -> Ending:
    """The caller takes a visit."""
    return Ending(
        items,
        summary,
        booking=BookingStatus.BOOKED,
        qualification=qualification,
        sentiment=sentiment,
        actions=actions,
        risks=risks,
    )


def not_booked(
    *items: Exchange | OneOf,
    summary: str,
    reason: str,
    qualification: Qualification = Qualification.WARM,
    sentiment: Sentiment = Sentiment.NEUTRAL,
    actions: tuple[Action, ...] = (CALL_BACK,),
    risks: tuple[str, ...] = (),
) -> Ending:
    """The caller could have taken a visit and did not; `reason` is what the list of unbooked calls shows."""
    return Ending(
        items,
        summary,
        booking=BookingStatus.NOT_BOOKED,
        outcome=CallOutcome.FOLLOW_UP,
        qualification=qualification,
        reason=reason,
        sentiment=sentiment,
        actions=actions,
        risks=risks,
    )


def not_offered(*items: Exchange | OneOf, summary: str, reason: str) -> Ending:
    """The caller wants what the company does not do."""
    return Ending(
        items,
        summary,
        booking=BookingStatus.SERVICE_NOT_OFFERED,
        qualification=Qualification.UNQUALIFIED,
        reason=reason,
    )


def handled(
    *items: Exchange | OneOf,
    summary: str,
    outcome: CallOutcome = CallOutcome.RESOLVED,
    sentiment: Sentiment = Sentiment.NEUTRAL,
    actions: tuple[Action, ...] = (),
    risks: tuple[str, ...] = (),
) -> Ending:
    """A call with nothing to book."""
    return Ending(items, summary, outcome=outcome, sentiment=sentiment, actions=actions, risks=risks)
