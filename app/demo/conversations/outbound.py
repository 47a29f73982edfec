"""Calls that the company makes: returning a missed call, following up on an open one, confirming a visit."""

from app.demo.conversations.endings import booked, handled, not_booked
from app.demo.conversations.parts import (
    BOOKED,
    BOOKED_FEE_KNOWN,
    DETAILS,
    GOODBYE,
    LEFT_OPEN,
    RECAP,
    SCHEDULING,
)
from app.demo.conversations.script import (
    Exchange,
    Finding,
    Objection,
    Scenario,
    Stage,
    agent,
    caller,
    objects,
    step,
    talk,
)
from app.models.calls import Sentiment
from app.models.leads import Qualification

_PICKS_UP = talk(caller("Hello?", "This is {first}.", "Hello, who's this?", "Yeah, hello?"))


def _opening(*variants: str) -> Exchange:
    return step(
        Stage.GREETING,
        agent(*variants),
        caller("Oh, hi.", "Hi.", "Oh, good, hi.", "Hey, thanks for calling."),
        missed=(
            agent("Hi, I'm calling from {company}.", "Hello, {company} here."),
            caller("Okay … who am I speaking with?", "Yes?"),
            agent("This is {agent}.", "{agent}, from the office."),
        ),
        lapse=Finding("No name in the greeting", "The person had to ask who was calling."),
    )


MISSED_CALL_RETURNED = Scenario(
    name="missed_call_returned",
    topic="Missed call returned",
    odds=0.62,
    choices={"job": ("repair",)},
    items=(
        _PICKS_UP,
        _opening(
            "Hi, this is {agent} with {company}. [I'm sorry we missed your call earlier.]",
            "Hello, it's {agent} from {company}, [returning your call. I'm sorry nobody picked up.]",
        ),
        step(
            Stage.DISCOVERY,
            agent("[What's going on at the house?]", "[What can we help you with?]"),
            caller(
                "We've got {need}.",
                "Well, we have {need}, and I'd like somebody to look at it.",
                "I left a message. It's {need}.",
            ),
            missed=(
                agent("Did you want to set something up?", "So, should I put you on the schedule?"),
                caller("Well, let me tell you what it is first. We've got {need}.", "For {need}, yes, if you do that."),
            ),
            lapse=Finding("No question about the need", "Never asked why the person had called."),
        ),
    ),
    endings=(
        booked(*BOOKED, summary="Missed call returned: {need}. Booked {visit}."),
        not_booked(
            talk(
                caller(
                    "But I found somebody in the meantime, they're coming {first_day}.",
                    "But you know what, when nobody answered I called another company.",
                ),
                agent("Oh, I'm sorry. Did they give you a price?", "I understand, and I'm sorry we missed you."),
                objects(
                    Objection.HAS_ANOTHER_QUOTE,
                    "[They did, and it was fine.]",
                    "[They're already scheduled, so I'm set.]",
                ),
            ),
            LEFT_OPEN,
            summary="Missed call returned too late: {need}, but somebody else is coming.",
            reason="Found somebody else in the meantime",
            qualification=Qualification.COLD,
            sentiment=Sentiment.NEGATIVE,
            risks=("Went to a competitor",),
        ),
    ),
)

UNSOLD_FOLLOW_UP = Scenario(
    name="unsold_follow_up",
    topic="Follow-up",
    odds=0.42,
    choices={"job": ("estimate",)},
    items=(
        _PICKS_UP,
        _opening(
            "Hi {first}, it's {agent} with {company}. [We spoke about the {past_job}, and I said I'd check back.]",
            "Hello, this is {agent} from {company}, [calling about the {past_job} as promised.]",
        ),
        step(
            Stage.DISCOVERY,
            agent("[Have you had a chance to think about it?]", "[Where did you end up with that?]"),
            caller(
                "We did talk about it. We're leaning toward doing something.",
                "Not really, it's been a week.",
                "Kind of. I'm still waiting on one other company.",
            ),
            lapse=Finding("No open question", "Went straight to selling without asking where things stand."),
        ),
    ),
    endings=(
        booked(
            step(
                Stage.OBJECTION_HANDLING,
                agent(
                    "[Would it help to have the real numbers in front of you before you decide?]",
                    "[How about we come by, and then you can compare two things on paper?]",
                ),
                caller("Yeah, that would help.", "Sure, okay."),
                finding=Finding("Moved the decision on", "Offered a visit as the next step toward deciding."),
            ),
            *BOOKED_FEE_KNOWN,
            summary="Followed up on the {past_job}; booked {visit}.",
            qualification=Qualification.WARM,
        ),
        not_booked(
            talk(
                objects(
                    Objection.HAS_ANOTHER_QUOTE,
                    "[We went with the other guys, they were cheaper.]",
                    "[Somebody else did it already.]",
                ),
                agent("Okay, thanks for telling me.", "I understand. Thanks for letting me know."),
                caller("Sure. You were really nice about it, though.", "Yeah, sorry."),
            ),
            GOODBYE,
            summary="Followed up on the {past_job}; they went with another company.",
            reason="Has another quote",
            qualification=Qualification.COLD,
            actions=(),
        ),
    ),
)

CONFIRMATION = Scenario(
    name="visit_confirmation",
    topic="Visit confirmation",
    choices={"code": ("4471", "2090", "1186"), "job": ("visit",)},
    items=(
        _PICKS_UP,
        _opening(
            "Hi {first}, it's {agent} with {company}, [just confirming your visit {old_visit}.]",
            "Hello {first}, {agent} at {company}. [Calling ahead about {old_visit}.]",
        ),
        talk(
            caller("Yes, we're all set.", "Oh, right. Yes, that still works."),
            agent(
                "Great. Is there a gate code, or a dog we should know about?",
                "Anything the technician needs to get in?",
            ),
            caller("The gate's {code}, pound.", "There's a dog, but she's in the back.", "No, just ring the bell."),
        ),
        RECAP,
    ),
    endings=(handled(GOODBYE, summary="Confirmed the visit {old_visit}.", sentiment=Sentiment.POSITIVE),),
)

AFTER_HOURS_RETURNED = Scenario(
    name="assistant_call_back",
    topic="Missed call returned",
    odds=0.55,
    choices={"job": ("repair",)},
    items=(
        _PICKS_UP,
        talk(
            agent(
                "Hi, this is {intro}, calling for {company}. You called a few minutes ago and we missed you. "
                "How can I help?"
            ),
            caller(
                "Oh, that was quick. Yeah, we've got {need}.",
                "Hi. Um, we've got {need}, and I didn't want to leave a message.",
            ),
            agent(
                "I'm sorry to hear that. I can set up a visit for you right now, or have somebody call in the morning."
            ),
        ),
    ),
    endings=(
        booked(
            talk(caller("Let's set it up.", "A visit, please.")),
            *DETAILS,
            *SCHEDULING,
            RECAP,
            GOODBYE,
            summary="Missed call returned within minutes: {need}. Booked {visit}.",
        ),
        not_booked(
            talk(
                caller("I'd rather talk to a person, if that's okay.", "Have somebody call me in the morning."),
                agent("Of course. I've asked for a call back first thing."),
                caller("Thank you."),
                agent("You're welcome, {first}. Goodbye."),
            ),
            summary="Missed call returned within minutes: {need}. Wants a call from the office.",
            reason="Wants to speak with the office",
        ),
    ),
)

SCENARIOS = (MISSED_CALL_RETURNED, UNSOLD_FOLLOW_UP, CONFIRMATION, AFTER_HOURS_RETURNED)
