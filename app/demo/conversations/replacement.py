"""Calls about replacing a whole system: a price by phone, a partner to ask."""

from app.demo.conversations.endings import booked, not_booked
from app.demo.conversations.parts import ESTIMATE_BOOKED, GREETING, LEFT_OPEN, OFFER_DECLINED
from app.demo.conversations.script import (
    Action,
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
from app.models.calls import Severity
from app.models.tasks import AssignedTo

REPLACEMENT_PRICE = Scenario(
    name="replacement_price",
    topic="System replacement",
    odds=0.52,
    choices={
        "age": ("17", "18", "20", "22"),
        "low": ("five", "six"),
        "high": ("twelve", "thirteen", "fourteen"),
        "size": ("1,600", "1,900", "2,400"),
        "job": ("new furnace",),
    },
    items=(
        GREETING,
        talk(
            caller(
                "Hi, our furnace is about {age} years old and I'm trying to find out what a new one costs.",
                "Yeah, I'm just calling for a price. What do you charge for a new furnace?",
                "Hi. Ballpark, what would I be looking at to replace a gas furnace?",
            )
        ),
        step(
            Stage.EMPATHY,
            agent(
                "I can help with that. [Is it still running, or are you without heat?]",
                "Sure. [Did it quit on you, or are you planning ahead?]",
            ),
            caller(
                "It runs, it's just old. And loud.",
                "It quit last night, we're on space heaters.",
                "It still works, but the last guy said it won't make another winter.",
            ),
            lapse=Finding("Situation not asked", "Never learned whether the house has heat right now."),
        ),
        step(
            Stage.DISCOVERY,
            agent(
                "[How big is the house, roughly?]",
                "[About how many square feet, and do you know where the furnace is?]",
            ),
            caller("{size} square feet, two stories.", "It's {size} or so. Furnace is in the attic."),
            lapse=Finding("No questions about the house", "Size and place decide the price; neither was asked."),
        ),
        step(
            Stage.VALUE,
            agent(
                "[The honest answer is that it depends on the duct work and the gas line, and I'd hate to guess "
                "wrong with "
                "your money.]",
                "[I could give you a number, but two houses that size can be four thousand dollars apart.]",
            ),
            objects(
                Objection.PRICE_BY_PHONE,
                "[I understand, I just need a number before I have anyone out.]",
                "Right, but [can't you give me a range at least?]",
            ),
            finding=Finding("Value before price", "Explained what the price depends on before naming one."),
            missed=(
                agent(
                    "[It depends on the size, but usually it's somewhere between {low} and {high} thousand.]",
                    "Anywhere from [{low} to {high} thousand], it really depends.",
                ),
                objects(
                    Objection.PRICE_BY_PHONE,
                    "[{high} thousand? Okay, wow.]",
                    "[That's a lot more than I figured.]",
                    severity=Severity.HIGH,
                ),
            ),
            lapse=Finding(
                "Price before value", "A range was given before the visit was offered; the caller heard the top number."
            ),
        ),
    ),
    endings=(
        booked(
            step(
                Stage.OBJECTION_HANDLING,
                agent(
                    "That's fair. [Most people pay somewhere in the middle, and the visit tells you which side "
                    "you're on. "
                    "It's free, and there's no obligation.]",
                    "Totally understand. [What if {rep} comes by, measures, and you have three real prices by dinner?]",
                ),
                caller("Okay. No pressure, though, right?", "Alright, as long as nobody pushes me."),
                finding=Finding("Turned price into a visit", "Answered the price question with a free visit."),
            ),
            *ESTIMATE_BOOKED,
            summary="Price caller, furnace about {age} years old, {size} sq ft. Free estimate booked {visit}.",
            actions=(
                Action(
                    "prepare_visit",
                    "Bring furnace options for {size} sq ft; caller asked for a price.",
                    1,
                    AssignedTo.SALES_REP,
                ),
            ),
        ),
        not_booked(
            talk(
                objects(
                    Objection.ASK_SPOUSE,
                    "[I need to talk to my {partner} about that.]",
                    "Okay. [Let me run that by my {partner} first.]",
                ),
                agent("Of course. It could well be less, it really depends on the house.", "Sure, I get that."),
                chance=0.6,
            ),
            talk(
                caller(
                    "I'm just getting numbers right now, so.",
                    "I've got two more to call, I'll see where you land.",
                    "Alright, that gives me an idea.",
                )
            ),
            OFFER_DECLINED,
            LEFT_OPEN,
            summary="Price caller, furnace about {age} years old, {size} sq ft. Getting numbers, no visit set.",
            reason="Wanted a price by phone",
            actions=(Action("call_back", "Call {first} back and offer the free estimate for a new furnace.", 1),),
            risks=("Comparing prices",),
        ),
    ),
)

REPLACEMENT_SPOUSE = Scenario(
    name="replacement_spouse",
    topic="System replacement",
    odds=0.55,
    choices={
        "age": ("14", "16", "19"),
        "repair": ("$1,900", "$2,300", "$2,800"),
        "job": ("new heat pump", "new air conditioner"),
    },
    items=(
        GREETING,
        talk(
            caller(
                "Hi, I was told the compressor's gone and it's {repair} to fix. At {age} years I'd rather talk "
                "about a {job}.",
                "Yeah, hello. We've put so much money into this old unit, {age} years now. I want to see about a "
                "{job}.",
                "Hi, I'd like to know how it works if we wanted a {job}. The repair they quoted us is {repair}.",
            )
        ),
        step(
            Stage.DISCOVERY,
            agent(
                "That makes sense at {age} years. [Is it cooling at all right now, and does every room get enough "
                "air?]",
                "Okay. [Tell me a little about the house: which rooms are never comfortable?]",
            ),
            caller(
                "It runs, but the back bedroom is always hot.",
                "Upstairs is terrible. Downstairs is fine.",
                "It's limping along. I don't trust it through the summer.",
            ),
            finding=Finding("Asked about comfort", "Asked what bothers them in the house, beyond the broken part."),
            lapse=Finding("No questions about the house", "Went to scheduling without asking what should get better."),
        ),
        talk(
            agent(
                "The next step would be a free estimate. {rep} measures the house and goes over the options with you.",
                "What we do is a free visit with {rep}, and you get the options in writing the same day.",
            ),
            objects(
                Objection.ASK_SPOUSE,
                "Okay. [I'd have to talk to my {partner} before I set anything up.]",
                "[My {partner} does the money in this house, so I can't say yes today.]",
                "Sounds good, but [it's a decision we make together, let me ask first.]",
            ),
        ),
    ),
    endings=(
        booked(
            step(
                Stage.OBJECTION_HANDLING,
                agent(
                    "That's a big decision, you should both hear it. [When are you both home? I'll find a time "
                    "after work so "
                    "nobody has to repeat it.]",
                    "Absolutely. [Let's pick an evening when you're both there, and if it doesn't suit, you call me "
                    "and we "
                    "move it.]",
                ),
                caller(
                    "That would work, actually. Evenings or {visit_day}.",
                    "Okay, we can do that. Toward the end of the day is best.",
                ),
                finding=Finding("Booked for both", "Offered a time when both who decide are at home."),
            ),
            *ESTIMATE_BOOKED,
            summary="{age}-year-old system, wants a {job}. Decides with {partner}; estimate booked for both {visit}.",
            actions=(
                Action(
                    "prepare_visit", "Both decide: make sure {first}'s {partner} is there.", 1, AssignedTo.SALES_REP
                ),
            ),
        ),
        not_booked(
            talk(
                agent("Sure, talk it over.", "Of course, that's a big purchase."),
                caller("I'll see what my {partner} says tonight.", "Yeah, we'll sit down over the weekend."),
            ),
            OFFER_DECLINED,
            LEFT_OPEN,
            summary="{age}-year-old system, wants a {job}. Will ask {partner} first; no visit set.",
            reason="Needs to ask spouse",
            actions=(Action("call_back", "Call {first} once {partner} has been asked, and offer an evening.", 2),),
        ),
    ),
)

SCENARIOS = (REPLACEMENT_PRICE, REPLACEMENT_SPOUSE)
