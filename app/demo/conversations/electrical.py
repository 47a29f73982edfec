"""Calls about panels, outlets and lights."""

from app.demo.conversations.endings import booked, not_booked
from app.demo.conversations.parts import (
    BOOKED,
    BOOKED_FEE_KNOWN,
    ESTIMATE_BOOKED,
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
from app.models.leads import Qualification
from app.models.tasks import AssignedTo

PANEL_UPGRADE = Scenario(
    name="panel_upgrade",
    topic="Panel upgrade",
    odds=0.62,
    choices={
        "amps": ("100", "125"),
        "reason": (
            "the insurance company wants it replaced",
            "we're adding a hot tub",
            "the lights dim when the AC starts",
        ),
        "other": ("$3,200", "$3,900", "$4,400"),
        "job": ("panel upgrade",),
    },
    items=(
        GREETING,
        talk(
            caller(
                "Hi, we need a new electrical panel, {reason}.",
                "Hello, I'm calling about a panel upgrade. We've got {amps} amps and {reason}.",
                "Hi there. Somebody told me our breaker box is one of the recalled ones, and {reason}.",
            )
        ),
        step(
            Stage.DISCOVERY,
            agent(
                "Okay. [Do breakers trip, or does anything get warm or smell?]",
                "[How old is the house, and is the panel inside or on an outside wall?]",
            ),
            caller(
                "The kitchen one trips if we run the microwave and the toaster.",
                "House is from '74. It's outside, by the meter.",
                "No smell or anything. It's just full.",
            ),
            finding=Finding("Checked for danger", "Asked about tripping, heat and smell before scheduling."),
            lapse=Finding("Danger signs not asked", "A suspect panel, and nobody asked about heat or smell."),
        ),
    ),
    endings=(
        booked(
            *ESTIMATE_BOOKED,
            summary="{amps} amp panel, {reason}. Estimate booked {visit}.",
            actions=(
                Action("prepare_visit", "Check permit rules for {city}; {amps} amp panel.", 1, AssignedTo.SALES_REP),
            ),
        ),
        not_booked(
            talk(
                agent("We'd have to see it to price it.", "That's an estimate visit, it's free."),
                objects(
                    Objection.HAS_ANOTHER_QUOTE,
                    "[I've already got one for {other}. I only want to know if that's high.]",
                    "[Another electrician said {other}. Can you do better than that or not?]",
                ),
            ),
            step(
                Stage.OBJECTION_HANDLING,
                agent(
                    "[It could be fine. Ask them if the permit and the inspection are in it, that's where they "
                    "differ.]",
                    "I can't say without looking. [It takes us thirty minutes and it costs you nothing.]",
                ),
                caller("Okay, I'll ask them that.", "Let me think on it."),
                finding=Finding("Helped compare", "Told the caller what to check in the other quote."),
                lapse=Finding("Quotes not compared", "Gave no reason to have a second look."),
            ),
            OFFER_DECLINED,
            LEFT_OPEN,
            summary="{amps} amp panel, {reason}. Holds a {other} quote, no visit set.",
            reason="Has another quote",
            risks=("Has another quote",),
        ),
    ),
)

OUTLET = Scenario(
    name="outlet",
    topic="Outlet or switch",
    odds=0.66,
    choices={
        "trouble": ("half the outlets in the bedroom are dead", "an outlet sparked", "a switch buzzes and feels warm"),
        "job": ("outlet",),
    },
    items=(
        GREETING,
        talk(
            caller(
                "Hi, {trouble}. Is that something you'd come out for?",
                "Yeah, hi, so, {trouble}.",
                "Hello. I don't know if it's serious, but {trouble}.",
            )
        ),
        step(
            Stage.EMPATHY,
            agent(
                "I'm glad you called. [Leave that one alone, and if you can, switch its breaker off.]",
                "Better to have it looked at. [Don't plug anything in there for now, okay?]",
            ),
            caller("Okay, I'll do that.", "I turned it off already."),
            finding=Finding("Safety first", "Told the caller to switch the circuit off."),
            lapse=Finding("No safety advice", "The caller was not told to stop using the circuit."),
        ),
        talk(
            caller("What does it cost for you to come?", "And how much is that?"),
            agent("It's {fee} for the visit.", "The visit is {fee}."),
            objects(
                Objection.VISIT_FEE,
                "[{fee}? For an outlet?]",
                "[So I pay {fee} even if you don't do anything?]",
                "Hm. [I was hoping somebody would just stop by.]",
            ),
        ),
    ),
    endings=(
        booked(
            step(
                Stage.OBJECTION_HANDLING,
                agent(
                    "I understand. [That's a licensed electrician for the first hour, and most of these are fixed "
                    "inside it.]",
                    "[It comes off the repair, and a warm switch isn't one I'd leave until next month.]",
                ),
                caller("Okay, when you put it like that.", "Alright, I'd rather not burn the house down."),
                finding=Finding("Turned the fee around", "Answered the fee with what it buys."),
            ),
            *BOOKED_FEE_KNOWN,
            summary="{trouble}. Hesitated at the {fee} fee, booked {visit}.",
            qualification=Qualification.WARM,
        ),
        not_booked(
            talk(
                agent("Yeah, it's the same for everybody.", "That's what it is, unfortunately."),
                caller("I'll have my {partner} look at it first.", "I'll think about it, thanks."),
            ),
            OFFER_DECLINED,
            LEFT_OPEN,
            summary="{trouble}. Did not want to pay the {fee} fee.",
            reason="Did not want to pay the visit fee",
            qualification=Qualification.COLD,
            risks=("Possible fire risk",),
        ),
    ),
)

LIGHTING = Scenario(
    name="lighting",
    topic="Lighting",
    choices={
        "work": ("hang two ceiling fans", "put in recessed lights in the den", "replace the lights over the island"),
        "job": ("lighting",),
    },
    items=(
        GREETING,
        talk(caller("Hi, I need somebody to {work}.", "Hello, do you {work}? I mean, is that something you'd do?")),
        step(
            Stage.DISCOVERY,
            agent(
                "Yes, we do. [Is there wiring there already, and how high is the ceiling?]",
                "Sure thing. [Do you have the fixtures, or would you like us to bring them?]",
            ),
            caller("There's a light there now. Nine-foot ceiling.", "I have them in boxes in the garage."),
            lapse=Finding("Job not scoped", "Ceiling height and wiring were not asked."),
        ),
    ),
    endings=(booked(*BOOKED, summary="Wants us to {work}. Booked {visit}.", qualification=Qualification.WARM),),
)

SCENARIOS = (PANEL_UPGRADE, OUTLET, LIGHTING)
