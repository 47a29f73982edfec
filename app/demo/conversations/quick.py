"""Calls of under half a minute. Each keeps the same turns whatever is said, so that one recording fits all its calls.

A step of the guide that is left out is therefore replaced by as many lines of the same speakers.
"""

from app.demo.conversations.endings import booked, handled, not_booked
from app.demo.conversations.script import (
    Action,
    Exchange,
    Finding,
    Line,
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
from app.models.tasks import AssignedTo

_GREETING = step(
    Stage.GREETING,
    agent("Thanks for calling {company}, this is {intro}.", "{company}, this is {intro}, good {daypart}."),
    missed=(agent("Thank you for calling, {company} office.", "{company}, hello, go right ahead."),),
    lapse=Finding("No name in the greeting", "The caller was not told who picked up."),
)


def _goodbye(*thanks: str) -> Exchange:
    return step(
        Stage.CLOSING,
        caller(*thanks),
        agent("You're welcome, {first}. Have a good {daypart}.", "My pleasure. Call any time, {first}."),
        caller("You too. Bye.", "Bye-bye."),
        missed=(caller(*thanks), agent("Mm-hm. Okay then.", "Sure. Alright."), caller("Bye.", "Okay, bye.")),
        lapse=Finding("Abrupt close", "The caller's thanks got no answer."),
    )


def _take(
    name: str,
    topic: str,
    *lines: Line,
    done_well: Finding,
    thanks: str,
    summary: str,
    actions: tuple[Action, ...] = (),
) -> Scenario:
    """A quick call with nothing to book."""
    ending = handled(_goodbye(thanks), summary=summary, sentiment=Sentiment.POSITIVE, actions=actions)
    return Scenario(
        name, topic, (_GREETING, talk(*lines, finding=done_well)), (ending,), choices={"job": ("question",)}
    )


ARRIVAL = _take(
    "quick_arrival",
    "Arrival time",
    caller("Hi, this is {full}. When are you coming out?", "Hello, {full} here. What time's my visit?"),
    agent("One second … I have you down {old_visit}.", "Let me see … you're on for {old_visit}.", pause=1.5),
    caller("Okay. And he'll call before he comes?", "Great. Do I get a call before?"),
    agent("He will, about thirty minutes before.", "You'll get a text when he leaves."),
    done_well=Finding("Looked it up at once", "Found the visit while the caller waited, without a transfer."),
    thanks="Perfect. That's all I needed, thank you.",
    summary="Asked when the technician comes: {old_visit}.",
)

GATE_CODE = _take(
    "quick_gate_code",
    "Visit details",
    caller("Hi, it's {first} on {street}. I forgot the gate code.", "Hello, {first} here. You'll need our gate code."),
    agent("Sure, go ahead, I'm writing it down.", "Oh good, what is it?"),
    caller("It's four four seven one, and then pound.", "Two zero nine zero, and the star key."),
    agent("Got it. I'll put that on the work order.", "Okay, that's on the ticket for the technician."),
    done_well=Finding("Wrote it down", "Put the code where the technician will see it."),
    thanks="Great, thank you so much.",
    summary="Gave the gate code for the visit.",
    actions=(Action("confirm_details", "Put {first}'s gate code on the work order.", 0.1),),
)

INVOICE_COPY = _take(
    "quick_invoice_copy",
    "Billing",
    caller("Hi, I need a copy of my invoice for my insurance.", "Hello, could you send me last month's invoice again?"),
    agent("Of course. Is it for {street}?", "Sure. For {street}, right?"),
    caller("Yes. You can send it to the email you have.", "That's right. Email is fine."),
    agent("Done, it should be there in a minute.", "Okay, I just sent it over.", pause=2),
    done_well=Finding("Checked before sending", "Confirmed the address before sending the invoice."),
    thanks="I see it. That was quick, thank you.",
    summary="Asked for a copy of an invoice; sent by email.",
)

FILTER_SIZE = _take(
    "quick_filter_size",
    "General question",
    caller("Hi, what size filter do I need? I'm at the store.", "Hello, I'm buying filters. Which size is ours?"),
    agent("Let me look … yours is a sixteen by twenty-five.", "One second … twenty by twenty, one inch.", pause=1.5),
    caller("One inch or four? They have both.", "And how often do I change it?"),
    agent("One inch, and change it every other month.", "The thin one, every sixty days or so."),
    done_well=Finding("Knew the house", "Answered from the record instead of asking the caller to measure."),
    thanks="You're a lifesaver. Thanks a lot.",
    summary="Asked for the filter size.",
)

MESSAGE_FOR_REP = _take(
    "quick_message_for_rep",
    "Proposal",
    caller("Hi, is {rep} in? I have a question on my quote.", "Hello, I'm trying to reach {rep} about the quote."),
    agent("{rep}'s on the road. Can I take a message?", "He's with a customer, can I have him call?"),
    caller("Yes, please ask if the thermostat is included.", "Please. I want to know if the permit's in it."),
    agent("I'll text him right now, you'll hear today.", "Okay, he'll call you back this afternoon."),
    done_well=Finding("Took a message", "Offered a call back instead of asking the caller to try again."),
    thanks="Okay, that would be great. Thanks.",
    summary="Question on a quote for {rep}; message taken.",
    actions=(Action("call_back", "Call {first} back: question on the quote.", 0.3, AssignedTo.SALES_REP),),
)

COMPLIMENT = _take(
    "quick_compliment",
    "Compliment",
    caller("Hi, I only wanted to say your technician was great.", "Hello, I'm calling to say something nice for once."),
    agent("Oh, thank you! Who was it?", "I'd love to hear it! Who came out?"),
    caller("{tech}. He even put on shoe covers and cleaned up.", "It was {tech}. So polite, and right on time."),
    agent("That makes my day. I'll tell him and his boss.", "He'll be so happy. I'll pass it on."),
    done_well=Finding("Took the praise well", "Asked who it was, so that it reaches the technician."),
    thanks="Please do. You keep hiring people like that.",
    summary="Praised {tech}: polite, clean, on time.",
    actions=(Action("manager_review", "Pass {first}'s praise on to {tech}.", 2, AssignedTo.EXEC),),
)

NEW_CARD = _take(
    "quick_new_card",
    "Maintenance plan",
    caller("Hi, my card expired. It's the one for my plan.", "Hello, you have an old card of mine on the plan."),
    agent("No problem, I'll text you a secure link.", "Easy, I can send you a link for it."),
    caller("To this number? Okay. … I got it.", "Yes, this number's good. … There it is.", pause=2),
    agent("Put it in there and you're all set.", "Enter the new one, that's all it takes."),
    done_well=Finding("Kept the card off the phone", "Sent a link instead of asking for the card number."),
    thanks="That's easy. Thank you, have a good one.",
    summary="New card for the maintenance plan, by link.",
)

BOOKING = Scenario(
    name="quick_booking",
    topic="AC tune-up",
    choices={"job": ("tune-up",)},
    items=(
        _GREETING,
        talk(
            caller("Hi, it's {full}. Time for my tune-up again.", "Hello, {first} {last}. I'm due for my check-up."),
        ),
    ),
    endings=(
        booked(
            step(
                Stage.BOOKING_ASK,
                agent("Good to hear from you. [How about {visit}?]", "Welcome back. [I have {visit}, okay?]", pause=2),
                caller("Yes, that's perfect for me.", "Works for me, put me down."),
                finding=Finding("Asked for the booking", "Offered a day and a window in the first sentence."),
                missed=(
                    agent("We do have some times {visit_day}.", "There might be something {visit_day}.", pause=2),
                    caller("Can I have {visit_window}, then?", "Then {visit_window}, please."),
                ),
                lapse=Finding("Caller asked for the booking", "A day was mentioned but no time offered."),
            ),
            step(
                Stage.RECAP,
                agent(
                    "[You're down for {visit}.] Same price as last year.", "[{visit}, it's in.] We'll text you before."
                ),
                missed=(agent("Alright, I put it in the book.", "Okay, that's in the computer now."),),
                lapse=Finding("No recap", "Day and window were not read back."),
            ),
            _goodbye("Wonderful, see you then. Thank you."),
            summary="Regular customer booked a tune-up {visit}.",
            qualification=Qualification.WARM,
        ),
    ),
)

PRICE = Scenario(
    name="quick_price",
    topic="Drain",
    choices={"job": ("drain",)},
    items=(
        _GREETING,
        talk(
            caller("Hi, what do you charge to unclog a drain?", "Quick question, how much to snake a sink?"),
            agent("It's {fee} to come out, then by the job.", "The visit's {fee}, and then it depends."),
            objects(
                Objection.VISIT_FEE,
                "[{fee}, and you haven't even started?] Hm.",
                "[So {fee} before anybody does anything?]",
            ),
        ),
    ),
    endings=(
        not_booked(
            step(
                Stage.OBJECTION_HANDLING,
                agent("[It comes off the bill if we fix it, most do.]", "[You get that back when we do the work.]"),
                finding=Finding("Answered the fee", "Said that the fee comes off the repair."),
                missed=(agent("Yeah, that's just what it costs here.", "That's the price, it's the same for all."),),
                lapse=Finding("Fee left standing", "The caller balked at the fee and got no answer to it."),
            ),
            talk(
                caller("I'll call around first. Thanks, though.", "Let me see what others charge. Bye."),
                agent("Okay. We're here if you need us.", "Alright, good luck with it."),
                caller("Thanks. Bye.", "Okay, bye."),
            ),
            summary="Asked what a drain costs; balked at the {fee} fee.",
            reason="Did not want to pay the visit fee",
            qualification=Qualification.COLD,
        ),
    ),
)

SPOUSE = Scenario(
    name="quick_spouse",
    topic="Water heater",
    choices={"job": ("water heater",)},
    items=(
        _GREETING,
        talk(
            caller("Hi, do you have a price for a new water heater?", "Hello, we may need a water heater soon."),
            agent(
                "We quote those at the house, it's free. [I have {visit}.]", "Sure, the quote is free. [How's {visit}?]"
            ),
            objects(
                Objection.ASK_SPOUSE,
                "[I'd have to ask my {partner} first.]",
                "Hm. [Let me check with my {partner} about that.]",
            ),
        ),
    ),
    endings=(
        not_booked(
            step(
                Stage.OBJECTION_HANDLING,
                agent("[I can hold it until tonight, no strings.]", "[Shall I pencil it in while you ask?]"),
                finding=Finding("Held the slot", "Offered to keep the time while the partner is asked."),
                missed=(agent("Sure, just call back whenever.", "Okay, let us know, then."),),
                lapse=Finding("No alternative offered", "The slot was let go while the partner is asked."),
            ),
            talk(
                caller("No, that's okay. I'll call you back.", "I'd rather call back. But thank you."),
                agent("Okay, {first}, talk soon.", "Sounds good. Take care."),
                caller("You too, bye.", "Bye now."),
            ),
            summary="Wants a quote for a water heater; asks {partner} first.",
            reason="Needs to ask spouse",
        ),
    ),
)

SCENARIOS = (
    ARRIVAL,
    GATE_CODE,
    INVOICE_COPY,
    FILTER_SIZE,
    MESSAGE_FOR_REP,
    COMPLIMENT,
    NEW_CARD,
    BOOKING,
    PRICE,
    SPOUSE,
)
