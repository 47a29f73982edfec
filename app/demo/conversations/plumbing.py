"""Calls about water heaters and drains."""

from app.demo.conversations.endings import booked, not_booked
from app.demo.conversations.parts import (
    BOOKED,
    CALLS_AROUND,
    DETAILS,
    ESTIMATE_BOOKED,
    FEE,
    GREETING,
    LEFT_OPEN,
    OFFER_DECLINED,
)
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
from app.models.calls import Sentiment, Severity
from app.models.leads import Qualification
from app.models.tasks import AssignedTo

WATER_HEATER_LEAK = Scenario(
    name="water_heater_leak",
    topic="Water heater",
    odds=0.78,
    choices={"place": ("garage", "attic", "laundry closet"), "size": ("40", "50"), "job": ("water heater",)},
    items=(
        GREETING,
        talk(
            caller(
                "Hi, our water heater is leaking. It's in the {place} and there's water on the floor.",
                "Yeah, hi, I came home and there's a puddle under the water heater, in the {place}.",
                "Hello, I've got water coming out of the bottom of my water heater.",
            )
        ),
        step(
            Stage.EMPATHY,
            agent(
                "Okay, let's stop the water first. [There's a valve on the cold pipe on top, can you reach it?]",
                "Oh no. [Before anything else, do you know where to shut the water off?]",
            ),
            caller(
                "I think so. … Okay, it's off.",
                "Let me look. … The round handle? It's turning. … It slowed down.",
                "I already turned it off at the street.",
                pause=12,
            ),
            finding=Finding("Stopped the damage first", "Talked the caller through shutting the water off."),
            lapse=Finding("Water not shut off", "The caller had water on the floor and was not told how to stop it."),
        ),
        step(
            Stage.DISCOVERY,
            agent(
                "[Is it gas or electric, and do you know how many gallons?]",
                "Good. [About how old is it, and is it gas?]",
            ),
            caller(
                "Gas, {size} gallons. It's got a date from twelve years ago on it.",
                "Electric, I believe. It's the {size}-gallon one.",
                "It's at least ten years old. Gas.",
            ),
            lapse=Finding(
                "No questions about the tank", "Fuel and size were not asked, so the truck may lack the tank."
            ),
        ),
    ),
    endings=(
        booked(
            *BOOKED,
            summary="Leaking {size}-gallon water heater in the {place}; water is off. Booked {visit}.",
            actions=(Action("confirm_details", "Put a {size}-gallon tank on the truck for {first}.", 0.2),),
            risks=("Water damage",),
        ),
        not_booked(
            *DETAILS,
            FEE,
            talk(
                objects(
                    Objection.NEEDS_IT_TODAY,
                    "[Can somebody come right now, though? I've got no hot water and four kids.]",
                    "[I need this done today.]",
                    severity=Severity.HIGH,
                ),
                agent("Today's full. I have {visit}.", "I'm looking … the first I have is {visit}.", pause=20),
                caller("No, that's no good. I'll call somebody else.", "Okay. I'll have to try someone else."),
            ),
            CALLS_AROUND,
            summary="Leaking water heater, wanted it done today; first slot was {visit}.",
            reason="Wanted a visit today",
            qualification=Qualification.HOT,
            sentiment=Sentiment.NEGATIVE,
            risks=("Water damage", "Calling competitors"),
        ),
    ),
)

WATER_HEATER_QUOTE = Scenario(
    name="water_heater_quote",
    topic="Water heater",
    odds=0.5,
    choices={
        "other": ("$1,650", "$1,800", "$2,100"),
        "kind": ("tankless", "50-gallon gas", "hybrid"),
        "job": ("water heater",),
    },
    items=(
        GREETING,
        talk(
            caller(
                "Hi, I've had a quote for a {kind} water heater and I'd like to see if you can beat it.",
                "Hello. I'm getting prices on a {kind} water heater, installed.",
            )
        ),
        step(
            Stage.DISCOVERY,
            agent(
                "Sure. [What's included in the one you have: permit, pan, hauling the old one away?]",
                "Okay. [Do you know if that quote covers bringing the venting up to code?]",
            ),
            objects(
                Objection.HAS_ANOTHER_QUOTE,
                "I'm not sure. [They said {other}, all in.]",
                "It just says {other}. [That's the number you'd have to beat.]",
            ),
            finding=Finding("Compared like with like", "Asked what the other quote includes."),
            missed=(
                agent("Okay, what did they quote you?", "How much was it?"),
                objects(Objection.HAS_ANOTHER_QUOTE, "[{other}, from a friend of a friend.]", "[{other}.]"),
            ),
            lapse=Finding("Quotes not compared", "Never asked what the other price includes."),
        ),
    ),
    endings=(
        booked(
            step(
                Stage.OBJECTION_HANDLING,
                agent(
                    "That could be a good price, or it could be missing the permit. [Let {rep} put one beside it, "
                    "it's free, "
                    "and then you know.]",
                    "[Keep that quote. We look at the same job, in writing, with ten years on the tank, and you pick.]",
                ),
                caller("Fair enough.", "Okay, that can't hurt."),
                finding=Finding("Second look offered", "Did not fight the other price; offered a free comparison."),
            ),
            *ESTIMATE_BOOKED,
            summary="Has a {other} quote for a {kind} water heater. Free comparison booked {visit}.",
            actions=(
                Action(
                    "prepare_visit", "{first} holds a {other} quote: check permit and venting.", 1, AssignedTo.SALES_REP
                ),
            ),
        ),
        not_booked(
            talk(
                agent("Yeah, we're going to be higher than that.", "Hm. I don't think we can touch that."),
                caller("Okay. Then I'll probably go with them.", "Alright, I appreciate you being honest."),
                agent("Did you want us to come and look anyway?", "They may be leaving things out, you know."),
                caller("No, I think I have what I need.", "Maybe. Let me think about it."),
            ),
            OFFER_DECLINED,
            LEFT_OPEN,
            summary="Has a {other} quote for a {kind} water heater; told we would be higher.",
            reason="Has another quote",
            risks=("Has a lower quote",),
        ),
    ),
)

DRAIN_BACKUP = Scenario(
    name="drain_backup",
    topic="Drain",
    odds=0.76,
    choices={"fixture": ("kitchen sink", "shower in the hall bath", "floor drain in the laundry"), "job": ("drain",)},
    items=(
        GREETING,
        talk(
            caller(
                "Hi, our {fixture} is completely backed up.",
                "Yeah, the {fixture} won't drain. I've poured everything down it.",
                "Hello, um, there's dirty water coming up in the {fixture}.",
            )
        ),
        step(
            Stage.DISCOVERY,
            agent(
                "Okay. [Is it only that one, or does anything else gurgle when you flush?]",
                "[Are the other drains slow too?] That tells me if it's the main line.",
            ),
            caller(
                "Now that you say it, the toilet bubbles.",
                "No, just that one.",
                "The tub next to it is slow, too.",
            ),
            agent("Alright, hold off on running water until we get there.", "Okay. And no more drain cleaner, please."),
            caller("Okay. No dishwasher, then.", "Got it."),
            finding=Finding(
                "Asked about the main line", "Found out whether one fixture or the whole line is affected."
            ),
            lapse=Finding("Main line not ruled out", "One question would tell a clogged sink from a blocked main."),
        ),
    ),
    endings=(
        booked(*BOOKED, summary="{fixture} backed up. Booked {visit}."),
        not_booked(
            talk(
                caller("What do you charge to snake it?", "Before we go on, how much is it?"),
                agent(
                    "It starts at $189, depending on where the clog is.", "Somewhere between $189 and $400, I'd say."
                ),
                objects(
                    Objection.PRICE_BY_PHONE,
                    "[The last guy did it for ninety-nine.]",
                    "[I can't spend four hundred dollars on a sink.]",
                    severity=Severity.MEDIUM,
                ),
            ),
            step(
                Stage.OBJECTION_HANDLING,
                agent(
                    "[For that we also run the camera, so you know it won't be back next month.]",
                    "I get it. [If it's a simple one it's the low end, and we tell you before we start.]",
                ),
                caller("I'll try a plunger first.", "Let me ask around. Thanks, though."),
                lapse=Finding("Price left standing", "The caller compared prices and got no answer to it."),
            ),
            OFFER_DECLINED,
            LEFT_OPEN,
            summary="{fixture} backed up; asked the price first and stopped there.",
            reason="Wanted a price by phone",
        ),
    ),
)

SCENARIOS = (WATER_HEATER_LEAK, WATER_HEATER_QUOTE, DRAIN_BACKUP)
