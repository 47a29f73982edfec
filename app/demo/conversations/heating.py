"""Calls about heating."""

from app.demo.conversations.endings import booked, handled, not_booked
from app.demo.conversations.parts import BOOKED, CALLS_AROUND, DETAILS, GOODBYE, GREETING, LEFT_OPEN, SHORT_DETAILS
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
from app.models.calls import CallOutcome, Sentiment, Severity
from app.models.leads import Qualification

_AT_RISK = Finding("Empathy and safety check", "Asked about people at risk before anything else.")

NO_HEAT = Scenario(
    name="no_heat",
    topic="No heat",
    odds=0.8,
    choices={
        "age": ("12", "15", "18", "20"),
        "since": ("since last night", "since about four this morning", "since yesterday afternoon"),
        "inside": ("58", "61", "54", "59"),
        "job": ("furnace",),
    },
    items=(
        GREETING,
        talk(
            caller(
                "Hi, our furnace quit. We haven't had heat {since} and it's {inside} degrees in here.",
                "Yeah, hi. The heat's not coming on. The blower runs, but it's just cold air, {since}.",
                "Hi, um, I think our furnace is dead. It clicks and clicks and nothing happens, {since}.",
            )
        ),
        step(
            Stage.EMPATHY,
            agent(
                "Oh no, that's a rough way to start the day. [Is everyone warm enough right now? Anybody very "
                "young, or "
                "older, in the house?]",
                "I'm sorry, that's no fun at all. [Do you have little ones or anyone elderly at home with you?]",
            ),
            caller(
                "We have a space heater going. It's just me and my {partner}.",
                "We've got a seven-month-old, so we're all in one room.",
                "My mother's with us, she's 84, so I'd like to get this taken care of.",
                "We're okay. Lots of blankets.",
            ),
            finding=_AT_RISK,
            lapse=Finding("No safety check", "A house without heat, and nobody asked who is in it."),
        ),
        step(
            Stage.DISCOVERY,
            agent(
                "[About how old is the furnace, and is it gas or electric?]",
                "Okay. [Do you know roughly how old the system is?]",
            ),
            caller(
                "It's gas. It was here when we bought the place, so {age} years, maybe more.",
                "Around {age} years, I'd say. Gas.",
                "There's a sticker on it … {age} years, it looks like. Natural gas.",
            ),
            agent(
                "And have you tried the thermostat batteries and the breaker?",
                "Did you check that the filter isn't clogged and the switch on the side is on?",
            ),
            caller(
                "Yeah, I did all that. Changed the batteries and everything.",
                "My {partner} did. It tries to start and then shuts off.",
                "The filter's new, I changed it last month.",
            ),
            lapse=Finding(
                "No questions about the system", "Age and fuel were not asked, so the truck may lack the part."
            ),
        ),
    ),
    endings=(
        booked(
            *BOOKED,
            summary="No heat {since}, furnace about {age} years old. Booked {visit}.",
            actions=(Action("confirm_details", "Tell dispatch the furnace is about {age} years old, gas.", 0.2),),
            risks=("No heat in the house",),
        ),
        not_booked(
            *DETAILS,
            talk(
                agent("Okay, the earliest I have is {visit}.", "I can get somebody out {visit}.", pause=18),
                objects(
                    Objection.NEEDS_IT_TODAY,
                    "[{visit_day}? No, I can't wait that long, we have no heat.]",
                    "Oh. [I really need somebody today, though.]",
                    severity=Severity.HIGH,
                ),
            ),
            step(
                Stage.OBJECTION_HANDLING,
                agent(
                    "I hear you. [Let me put you on the list for today, if anything opens up you get the first call.]",
                    "I understand. [Can I hold {visit} for you, and call the minute somebody cancels today?]",
                ),
                caller(
                    "I'm going to call around first. If somebody can come now, I'm taking it.",
                    "No, I'll try one more place. I'll call back if they're booked too.",
                ),
                lapse=Finding("No alternative offered", "The caller needed today; no cancellation list, no hold."),
            ),
            CALLS_AROUND,
            summary="No heat {since}; wanted somebody today, earliest was {visit}. Calling around.",
            reason="Wanted a visit today",
            qualification=Qualification.HOT,
            sentiment=Sentiment.NEGATIVE,
            actions=(Action("call_back", "Call {first} if a slot opens today: no heat.", 0.15),),
            risks=("No heat in the house", "Calling competitors"),
        ),
    ),
)

FURNACE_TUNE_UP = Scenario(
    name="furnace_tune_up",
    topic="Furnace tune-up",
    odds=0.8,
    choices={"job": ("furnace tune-up",), "season_job": ("furnace checked", "heating looked at", "fall tune-up done")},
    items=(
        GREETING,
        talk(
            caller(
                "Hi, I'd like to get our {season_job} before it gets really cold.",
                "Hello, I got your postcard. I wanted to get the {season_job}.",
                "Hi, it's that time of the year, we need to have the {season_job}.",
            )
        ),
        step(
            Stage.DISCOVERY,
            agent(
                "Good timing. [Is it one system or two, and is anything acting up?]",
                "Happy to. [Has it been running okay, or have you noticed anything?]",
            ),
            caller(
                "Just the one. It smells a little dusty when it comes on, that's all.",
                "One system. It runs fine as far as I know.",
                "Two, one's in the attic. The upstairs one is loud.",
            ),
            finding=Finding("Asked before booking", "Found out how many systems there are and how they run."),
            lapse=Finding("System count not asked", "A second system doubles the visit; it was not asked."),
        ),
    ),
    endings=(
        booked(*BOOKED, summary="Seasonal furnace tune-up, booked {visit}.", qualification=Qualification.WARM),
        not_booked(
            talk(
                agent("Our next tune-up slots are {visit}.", "Right now tune-ups are at {visit}.", pause=16),
                objects(
                    Objection.TOO_FAR_OUT,
                    "Oh, that's far out. [I was hoping for this week, I'm off on {first_day}.]",
                    "Hm, [that's a long wait for a tune-up.]",
                    severity=Severity.LOW,
                ),
                agent("It's the busy season, everybody calls at once.", "Yeah, we're pretty full with no-heat calls."),
                caller(
                    "Let me look at my calendar and call you back.", "I'll check with my {partner} and let you know."
                ),
            ),
            LEFT_OPEN,
            summary="Wanted a tune-up this week; first slot was {visit}.",
            reason="Visit too far out",
            qualification=Qualification.COLD,
        ),
    ),
)

THERMOSTAT = Scenario(
    name="thermostat",
    topic="Thermostat",
    choices={"job": ("thermostat",), "reading": ("blank", "stuck on Hold", "asking for batteries")},
    items=(
        GREETING,
        talk(
            caller(
                "Hi, you put a thermostat in for us and the screen is {reading}.",
                "Yeah, hi, quick question. The thermostat is {reading} and the heat won't come on.",
            ),
            agent(
                "Okay, let's see if we can get it going without anybody coming out.", "Let's try a thing or two first."
            ),
            caller("That would be great.", "Okay, I'm standing in front of it."),
        ),
        *SHORT_DETAILS,
        step(
            Stage.DISCOVERY,
            agent(
                "[Pull the cover straight toward you. Are there two batteries in the back?]",
                "[Does anything happen when you hold the menu button for about five seconds?]",
            ),
            caller("Hang on … okay, yes.", "Let me see. Okay, got it."),
            finding=Finding("Tried to solve it first", "Walked the caller through a reset before selling a visit."),
        ),
        talk(
            agent(
                "Swap those for two fresh double-As and press the center once.",
                "Now set it to Heat, and two degrees up.",
            ),
            caller("Okay … oh! It's lit up.", "Alright. … I can hear it clicking. Yeah, it's coming on.", pause=35),
            agent(
                "There you go. Give it ten minutes and you should feel warm air.",
                "Perfect, that's the furnace starting.",
            ),
            caller("You just saved me a trip charge. Thank you.", "Wonderful. Thank you so much."),
        ),
    ),
    endings=(
        handled(
            GOODBYE,
            summary="Thermostat {reading}; solved on the phone, heat is back on.",
            sentiment=Sentiment.POSITIVE,
        ),
    ),
)

GAS_SMELL = Scenario(
    name="gas_smell",
    topic="Gas smell",
    choices={"job": ("gas line",), "spot": ("by the furnace", "in the utility closet", "near the stove")},
    items=(
        GREETING,
        talk(
            caller(
                "Hi, I'm smelling gas {spot} and I don't know who to call.",
                "Um, hi. There's kind of a rotten egg smell {spot}. Should I be worried?",
            )
        ),
        step(
            Stage.EMPATHY,
            agent(
                "[I want you to leave the house right now, everybody, and leave the door open behind you.] Don't "
                "touch any "
                "switches.",
                "Okay, listen: [take everyone outside first, don't turn anything on or off.] Can you do that while "
                "we talk?",
            ),
            caller(
                "Okay, we're going. … Okay, we're in the driveway.",
                "Alright. Kids, shoes, come on. … We're out.",
                pause=8,
            ),
            finding=Finding("Safety first", "Sent the caller outside before taking any details."),
        ),
        *SHORT_DETAILS,
        talk(
            agent(
                "Good. Now hang up and call 911 or your gas company's emergency line. They come out free, right away.",
                "The gas company has to shut it off first, that's their emergency number on the bill. It's free.",
            ),
            caller("Not you guys?", "Okay. And then what?"),
            agent(
                "They make it safe. Then you call me back and I'll put you first in line for the repair.",
                "Once they've tagged it, we fix the line, and I'll have somebody ready for you.",
            ),
            caller("Okay. Okay, thank you, I'm calling them now.", "Got it. Thanks for being quick about it."),
        ),
    ),
    endings=(
        handled(
            summary="Smell of gas {spot}. Sent outside and to the gas company; repair to follow once it is made safe.",
            outcome=CallOutcome.TRANSFERRED,
            sentiment=Sentiment.NEUTRAL,
            actions=(
                Action("call_back", "Call {first}: gas smell, is the line tagged, do they need the repair?", 0.1),
            ),
            risks=("Gas smell",),
        ),
    ),
)

SCENARIOS = (NO_HEAT, FURNACE_TUNE_UP, THERMOSTAT, GAS_SMELL)
