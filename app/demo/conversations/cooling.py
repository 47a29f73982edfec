"""Calls about air conditioning."""

from app.demo.conversations.endings import booked, not_booked
from app.demo.conversations.parts import BOOKED, DETAILS, FEE, GREETING, LEFT_OPEN
from app.demo.conversations.script import (
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

AC_NOT_COOLING = Scenario(
    name="ac_not_cooling",
    topic="AC not cooling",
    odds=0.76,
    choices={
        "inside": ("82", "84", "86"),
        "symptom": (
            "blowing, but it's not cold",
            "icing up on the copper pipe",
            "humming outside, but the fan isn't turning",
        ),
        "job": ("air conditioner",),
    },
    items=(
        GREETING,
        talk(
            caller(
                "Hi, my AC is {symptom}. It's {inside} in the house.",
                "Yeah, the air's out again. It's {symptom}, and we're at {inside} degrees.",
                "Hello, um, I don't know much about these, but it's {symptom}.",
            )
        ),
        step(
            Stage.EMPATHY,
            agent(
                "Ugh, {inside} inside is miserable. [Are you all okay, do you have somewhere cool to be?]",
                "I'm sorry, that's no way to sleep. [Is there anybody in the house the heat is hard on?]",
            ),
            caller(
                "We're alright. The dog's not happy.",
                "My dad's here and he's got a heart thing, so the sooner the better.",
                "We've got fans going. It's fine for today.",
            ),
            finding=Finding("Empathy and safety check", "Asked how the household is coping before the details."),
            lapse=Finding("No empathy", "A hot house, and nobody asked how the family is doing."),
        ),
        step(
            Stage.DISCOVERY,
            agent(
                "[When did it last work right, and when was it last serviced?]",
                "[Is it one unit or two, and how old, would you say?]",
            ),
            caller(
                "It was fine until the weekend. Serviced … I'd have to look. Two years?",
                "One unit. Maybe ten years, it came with the house.",
                "It's been weak all month. Nobody's looked at it since we moved in.",
            ),
            agent(
                "Okay. If there's ice on it, turn the cooling off and leave the fan on until we get there.",
                "Alright, switch it off at the thermostat for now, so the compressor doesn't get hurt.",
            ),
            caller("Okay, I'll do that.", "Oh, good to know."),
            lapse=Finding("No questions about the system", "Age and last service were not asked."),
        ),
    ),
    endings=(
        booked(*BOOKED, summary="AC {symptom}, {inside} inside. Booked {visit}.", risks=("House above 80 degrees",)),
        not_booked(
            FEE,
            talk(
                agent(
                    "With this heat we're running behind. [I have {visit}.]", "The first I have is {visit}.", pause=20
                ),
                objects(
                    Objection.NEEDS_IT_TODAY,
                    "[I need it today, I've got people coming tonight.]",
                    "No, that doesn't work. [I can't have it this hot another night.]",
                    severity=Severity.HIGH,
                ),
            ),
            step(
                Stage.OBJECTION_HANDLING,
                agent(
                    "I know. [Let me hold that one for you and put you on today's cancellation list, you'd lose "
                    "nothing.]",
                    "[Can I put you down and call you if a truck frees up this afternoon?]",
                ),
                caller(
                    "No, I'll find somebody who can come now.", "I'll try around first. If not, I'll call you back."
                ),
                lapse=Finding("No alternative offered", "The caller needed today; nothing was held for them."),
            ),
            talk(
                agent("Okay. I'm sorry we couldn't make it work.", "I understand. Good luck."), caller("Alright, bye.")
            ),
            summary="AC {symptom}. Wanted today, first slot {visit}. Will call around.",
            reason="Wanted a visit today",
            qualification=Qualification.HOT,
            sentiment=Sentiment.NEGATIVE,
            risks=("Calling competitors",),
        ),
    ),
)

AC_TUNE_UP = Scenario(
    name="ac_tune_up",
    topic="AC tune-up",
    odds=0.8,
    choices={"job": ("AC tune-up",), "deal": ("$79", "$89")},
    items=(
        GREETING,
        talk(
            caller(
                "Hi, I'm calling about the {deal} AC tune-up, is that still going on?",
                "Hi there, I'd like to have our AC checked before summer.",
                "Hello, we're due for our cooling check-up, I think.",
            )
        ),
        step(
            Stage.DISCOVERY,
            agent(
                "It is, yes. [How many units do you have, and did everything cool alright last year?]",
                "Happy to set that up. [Any rooms that didn't keep up last summer?]",
            ),
            caller(
                "One unit, and it was fine.",
                "Two. The upstairs one struggled a little.",
                "It was okay. Bills were high.",
            ),
            finding=Finding("Asked before booking", "Asked how the system did last season."),
            lapse=Finding("Unit count not asked", "A second unit doubles the visit; it was not asked."),
        ),
        step(
            Stage.VALUE,
            agent(
                "[We clean the coil, check the charge and test every electrical part, and you get a written report.]",
                "[It's about an hour. If anything is near failing you'll know in spring, not in July.]",
            ),
            caller("Good, that's what I want.", "Okay, great."),
            lapse=Finding("Tune-up not explained", "The caller was not told what the visit includes."),
        ),
    ),
    endings=(
        booked(
            *BOOKED,
            summary="AC tune-up before summer, booked {visit}.",
            qualification=Qualification.WARM,
        ),
        not_booked(
            *DETAILS,
            talk(
                agent("Okay, tune-ups are on {visit} right now.", "I have {visit} as the next one.", pause=12),
                objects(
                    Objection.TOO_FAR_OUT,
                    "[That's too far out, I travel for work after the {visit_date}.]",
                    "Hm. [I wanted to have it done before then.]",
                    severity=Severity.LOW,
                ),
                agent("That's the first one, sorry.", "I don't have anything sooner for tune-ups."),
                caller("Let me call you back when I know my schedule.", "Okay, I'll think about it."),
            ),
            LEFT_OPEN,
            summary="Wanted a tune-up sooner than {visit}.",
            reason="Visit too far out",
            qualification=Qualification.COLD,
        ),
    ),
)

SCENARIOS = (AC_NOT_COOLING, AC_TUNE_UP)
