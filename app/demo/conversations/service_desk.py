"""Calls of people who are customers already: moving a visit, asking where the technician is, complaints, bills."""

from app.demo.conversations.endings import handled
from app.demo.conversations.parts import GOODBYE, GREETING
from app.demo.conversations.script import (
    Action,
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
from app.models.calls import CallOutcome, Sentiment, Severity
from app.models.tasks import AssignedTo

_FINDS_RECORD: Exchange = step(
    Stage.CONTACT_DETAILS,
    agent("[Let me find you. {full}, at {street}?]", "[Is that for {street}?]", pause=4),
    caller("Yes.", "That's right.", "Yep, that's us."),
    missed=(agent("Okay, one second.", "Let me look.", pause=4), caller("Sure.", "Okay.")),
    lapse=Finding("Record not confirmed", "Went ahead without checking name and address."),
)

RESCHEDULE = Scenario(
    name="reschedule",
    topic="Reschedule",
    choices={
        "why": ("my kid's sick", "work called me in", "we have to be out of town"),
        "job": ("visit",),
    },
    items=(
        GREETING,
        talk(
            caller(
                "Hi, I have an appointment {old_visit} and {why}. Can I move it?",
                "Hello, this is {full}. I need to reschedule {old_visit}, {why}.",
            )
        ),
        _FINDS_RECORD,
        step(
            Stage.EMPATHY,
            agent("No problem at all, [thanks for telling us ahead of time.]", "[Of course, things come up.]"),
            caller("Thanks, I appreciate it.", "I'm sorry for the trouble."),
            lapse=Finding("No thanks for calling ahead", "The caller gave notice and it was not acknowledged."),
        ),
        step(
            Stage.BOOKING_ASK,
            agent("[I have {visit}. Would that be better?]", "[What about {visit}?]", pause=14),
            caller("That works.", "Yes, much better.", "Perfect."),
            finding=Finding("Kept the visit", "Offered a new time at once instead of cancelling."),
            missed=(
                agent("Okay, when would you want it?"),
                caller("I don't know. What's open?"),
                agent("There's {visit}.", pause=15),
                caller("Okay, that."),
            ),
            lapse=Finding("Left the time to the caller", "Asked when instead of offering a time."),
        ),
        step(
            Stage.RECAP,
            agent("[So you're moved from {old_visit} to {visit}, same technician if we can.]"),
            caller("Great, thank you.", "Wonderful."),
            lapse=Finding("No recap", "The new time was not read back."),
        ),
    ),
    endings=(
        handled(GOODBYE, summary="Moved the visit from {old_visit} to {visit}: {why}.", sentiment=Sentiment.POSITIVE),
    ),
)

CANCEL = Scenario(
    name="cancel",
    topic="Cancellation",
    choices={
        "why": ("my neighbor fixed it", "we went with somebody else", "it started working again"),
        "job": ("cancelled visit",),
    },
    items=(
        GREETING,
        talk(
            caller(
                "Hi, I need to cancel {old_visit}, {why}.",
                "Hello, you can take me off the schedule for {old_visit}. {why}.",
            )
        ),
        _FINDS_RECORD,
        step(
            Stage.OBJECTION_HANDLING,
            agent(
                "Okay. [Would you like us to look at it anyway, so it doesn't catch you at a bad time?]",
                "I can do that. [Is it anything we did, or could have done?]",
            ),
            caller("No, I think we're fine.", "No, you've been great, it's just timing."),
            finding=Finding("Tried to keep the visit", "Asked why and offered to come anyway."),
            lapse=Finding("Cancelled without asking", "The visit was dropped without one question."),
        ),
        talk(
            agent("Alright, you're off the schedule, no charge.", "Okay, that's cancelled, and there's no fee for it."),
            caller("Thank you.", "Okay, thanks."),
        ),
    ),
    endings=(
        handled(
            GOODBYE,
            summary="Cancelled {old_visit}: {why}.",
            actions=(Action("call_back", "Check in with {first}: visit was cancelled, {why}.", 14),),
        ),
    ),
)

WHERE_IS_HE = Scenario(
    name="where_is_technician",
    topic="Arrival time",
    choices={"late": ("forty-five minutes", "over an hour", "two hours"), "job": ("visit",)},
    items=(
        GREETING,
        talk(
            caller(
                "Hi, somebody was supposed to be here {visit_window} and nobody's come.",
                "Yeah, where's my technician? I took off work for this. It was {visit_window}.",
            )
        ),
        _FINDS_RECORD,
        step(
            Stage.EMPATHY,
            agent(
                "[I'm sorry, you should have had a call from us.] Let me find out where he is.",
                "That's on us, [you took time off and nobody called you.] Give me a moment.",
            ),
            caller("Okay.", "Please."),
            finding=Finding("Owned the delay", "Apologised and took the delay on the company."),
            lapse=Finding("No apology", "A late technician, and the caller heard no word of apology."),
        ),
        talk(
            agent(
                "Okay, I have him on the radio. The job before you ran long, he's {late} behind. He's leaving now.",
                "He's finishing up a no-heat call. He'll be with you in about {late}.",
                pause=45,
            ),
            caller("{late}? I have to pick up my kids.", "Alright. At least I know.", "Okay, I can wait that long."),
            agent(
                "I'll take the visit fee off for you, and he'll call when he's at the end of your street.",
                "Let me text you his location, so you can watch it.",
            ),
            caller("Okay, I appreciate that.", "Alright, thank you."),
        ),
    ),
    endings=(
        handled(
            GOODBYE,
            summary="Technician was late by {late}; caller was told and the visit kept.",
            sentiment=Sentiment.NEGATIVE,
            risks=("Upset about a late visit",),
        ),
    ),
)

WARRANTY_COMPLAINT = Scenario(
    name="warranty_complaint",
    topic="Warranty",
    choices={
        "part": ("capacitor", "igniter", "wax ring", "mixing valve"),
        "paid": ("$389", "$465", "$640"),
        "ago": ("three weeks", "ten days", "a month"),
        "job": ("warranty visit",),
    },
    items=(
        GREETING,
        talk(
            caller(
                "Hi, you replaced the {part} {ago} ago, I paid {paid}, and it's doing the exact same thing.",
                "I'm pretty upset. Your guy was here {ago} ago for the {part} and it's broken again.",
            )
        ),
        step(
            Stage.EMPATHY,
            agent(
                "[I'd be upset too. I'm sorry, {first}, let's get it made right.]",
                "[You paid to have it fixed and it isn't. I'm sorry about that.]",
            ),
            caller("Okay. Thank you.", "I mean, {paid} isn't nothing."),
            finding=Finding("Took the complaint seriously", "Acknowledged the complaint before looking anything up."),
            missed=(agent("What's the invoice number?"), caller("I don't have it here. Can't you look it up?")),
            lapse=Finding("No empathy", "An upset customer was asked for an invoice number first."),
        ),
        _FINDS_RECORD,
        talk(
            agent(
                "I see it. That part has a year on it, labor too, so you won't pay anything for the visit.",
                "Okay, you're well inside the warranty. There's no charge to come back.",
                pause=22,
            ),
            objects(
                Objection.LOST_TRUST,
                "Good, but [how do I know he found the real problem this time?]",
                "[I don't want the same guy back.]",
                severity=Severity.HIGH,
            ),
        ),
        step(
            Stage.OBJECTION_HANDLING,
            agent(
                "[I'm sending our senior technician, and I'll have the service manager read his notes before he "
                "leaves.]",
                "[You'll get somebody else, and the manager will call you himself afterward.]",
            ),
            caller("Okay. That makes me feel better.", "Alright. I'll give it one more try."),
            finding=Finding("Won back trust", "Offered a senior technician and a manager's call."),
            lapse=Finding("Doubt left standing", "The customer doubted the diagnosis and was not answered."),
        ),
        talk(
            agent("He can be there {visit}.", "I have {visit} for you.", pause=15),
            caller("Fine.", "Okay, I'll be here."),
        ),
    ),
    endings=(
        handled(
            GOODBYE,
            summary="{part} failed again {ago} after a {paid} repair. Warranty visit {visit}, senior technician.",
            outcome=CallOutcome.FOLLOW_UP,
            sentiment=Sentiment.NEGATIVE,
            actions=(Action("manager_review", "Read the notes of the visit and call {first}.", 3, AssignedTo.EXEC),),
            risks=("Lost trust", "Repeat repair"),
        ),
    ),
)

BILLING = Scenario(
    name="billing",
    topic="Billing",
    choices={
        "amount": ("$129", "$214", "$89"),
        "what": ("a second trip charge", "a disposal fee"),
        "job": ("invoice",),
    },
    items=(
        GREETING,
        talk(
            caller(
                "Hi, I got an invoice with {what} on it, {amount}, and nobody mentioned that.",
                "Hello, I'm looking at my bill. What's {what} for {amount}?",
            )
        ),
        _FINDS_RECORD,
        step(
            Stage.EMPATHY,
            agent("[I'd want to know, too. Let me look at what he wrote.]", "[Thanks for asking before paying it.]"),
            caller("Sure.", "Okay."),
            lapse=Finding("No acknowledgement", "The question about the bill was met with a lookup only."),
        ),
        talk(
            agent(
                "Okay, I see. He came twice because of the part, and the second trip shouldn't be on there. I'll "
                "take it off.",
                "That one's right, it's on the work order you signed, but I can see it wasn't explained. Let me "
                "take half off.",
                pause=40,
            ),
            caller("Oh, great. Do I get a new invoice?", "Okay, that's fair."),
            agent("It'll be in your email within the hour.", "Yes, I'm sending it now."),
            caller("Wonderful.", "Perfect, thank you."),
        ),
    ),
    endings=(
        handled(
            GOODBYE,
            summary="Asked about {what} of {amount}; corrected invoice sent.",
            actions=(Action("billing_review", "Send {first} the corrected invoice without {what}.", 0.2),),
        ),
    ),
)

SCENARIOS = (RESCHEDULE, CANCEL, WHERE_IS_HE, WARRANTY_COMPLAINT, BILLING)
