"""Calls about leaks, toilets, sewers and sump pumps."""

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

BURST_PIPE = Scenario(
    name="burst_pipe",
    topic="Leak",
    odds=0.87,
    choices={
        "where": ("under the kitchen sink", "in the ceiling below the bathroom", "behind the washing machine"),
        "job": ("leak",),
    },
    items=(
        GREETING,
        talk(
            caller(
                "I've got water everywhere, there's a pipe leaking {where}!",
                "Hi, I need somebody fast, it's dripping {where} and it's getting worse.",
                "Yeah, hi, we have a leak {where}. A real one.",
            )
        ),
        step(
            Stage.EMPATHY,
            agent(
                "Okay, I've got you. [Do you know where your main shut-off is? Usually by the meter, or where the "
                "line comes "
                "in.]",
                "Take a breath, we'll get it stopped. [Find the main valve, turn it all the way to the right.]",
            ),
            caller(
                "Hold on … my {partner}'s got it. Okay. It stopped.",
                "The one by the street? … I need a wrench. … Okay, okay, it's off.",
                pause=20,
            ),
            finding=Finding("Stopped the damage first", "Talked the caller through the main shut-off."),
            lapse=Finding("Water not shut off", "Water was running and the caller was not told how to stop it."),
        ),
        step(
            Stage.DISCOVERY,
            agent(
                "[Any water near outlets or the breaker panel?]",
                "[Is it on the ceiling or the floor, and how big an area?]",
            ),
            caller("No, just the floor.", "No, it's away from all that. About the size of a table."),
            lapse=Finding("Electrical risk not asked", "Nobody asked whether the water is near electricity."),
        ),
    ),
    endings=(
        booked(
            *BOOKED,
            summary="Leak {where}, main is shut off. Booked {visit}.",
            risks=("Water damage", "House without water"),
        ),
        not_booked(
            *DETAILS,
            talk(
                agent("The closest truck can be there {visit}.", "I can do {visit}.", pause=15),
                objects(
                    Objection.NEEDS_IT_TODAY,
                    "[I can't be without water that long. My neighbor knows a plumber, I'll call him.]",
                    severity=Severity.HIGH,
                ),
                agent("I understand. Sorry about that.", "Okay, I hope he can make it."),
            ),
            CALLS_AROUND,
            summary="Leak {where}; could not wait until {visit}.",
            reason="Wanted a visit today",
            qualification=Qualification.HOT,
            sentiment=Sentiment.NEGATIVE,
            risks=("Water damage",),
        ),
    ),
)

TOILET = Scenario(
    name="toilet",
    topic="Toilet",
    odds=0.7,
    choices={
        "trouble": ("keeps running", "rocks when you sit on it", "clogs every other day"),
        "job": ("toilet",),
    },
    items=(
        GREETING,
        talk(
            caller(
                "Hi, this is a small one. Our toilet {trouble}.",
                "Hello, I've got a toilet that {trouble}.",
                "Yeah, the downstairs toilet {trouble} and my {partner} has given up on it.",
            )
        ),
        step(
            Stage.DISCOVERY,
            agent(
                "No such thing as a small one. [How old is it, and is it your only bathroom?]",
                "Got it. [Is there water on the floor around it?]",
            ),
            caller("There's another one upstairs.", "No, it's dry. It's old, though.", "It's our only one, so …"),
            finding=Finding("Asked how urgent it is", "Checked for a second bathroom or water on the floor."),
            lapse=Finding("Urgency not asked", "Did not ask whether the household has another bathroom."),
        ),
    ),
    endings=(
        booked(*BOOKED, summary="Toilet {trouble}. Booked {visit}.", qualification=Qualification.WARM),
        not_booked(
            FEE,
            talk(
                objects(
                    Objection.VISIT_FEE,
                    "[{fee} just to come look at a toilet? I can buy a new flapper for eight bucks.]",
                    "Hm. [That's more than the part costs.]",
                )
            ),
            step(
                Stage.OBJECTION_HANDLING,
                agent(
                    "True. [If it's only the flapper, do it yourself, and if it still runs, call me and we'll come.]",
                    "[The fee comes off if we do the work, and we'd check the other fixtures while we're there.]",
                ),
                caller("I'll try the part first.", "Let me see if my brother-in-law can do it."),
                lapse=Finding("Fee left standing", "The caller balked at the fee and got no answer to it."),
            ),
            OFFER_DECLINED,
            LEFT_OPEN,
            summary="Toilet {trouble}; did not want to pay the {fee} fee.",
            reason="Did not want to pay the visit fee",
            qualification=Qualification.COLD,
        ),
    ),
)

SEWER_LINE = Scenario(
    name="sewer_line",
    topic="Sewer line",
    odds=0.58,
    choices={"other": ("$7,800", "$9,400", "$11,000"), "times": ("third", "fourth"), "job": ("sewer line",)},
    items=(
        GREETING,
        talk(
            caller(
                "Hi, our main line has backed up for the {times} time this year. The other company wants {other} to "
                "dig.",
                "Hello, I was told there are roots in my sewer line and it's {other} to replace. I'd like a second "
                "opinion.",
            )
        ),
        step(
            Stage.EMPATHY,
            agent(
                "I'm sorry, that's a lot of money to hear at once. [Is it usable right now?]",
                "Oh, that's a bad phone call to get. [Are you able to use the bathrooms today?]",
            ),
            caller("For now, yes. They snaked it yesterday.", "Slowly. We're careful."),
            lapse=Finding("Situation not asked", "Did not ask whether the house can use its drains."),
        ),
        step(
            Stage.DISCOVERY,
            agent(
                "[Did they show you the camera video, and tell you how far out the roots are?]",
                "[Do you have their report? How many feet in is the break?]",
            ),
            objects(
                Objection.HAS_ANOTHER_QUOTE,
                "They showed me on his phone for two seconds. [He said {other} if I sign this week.]",
                "No report. [Just the price, {other}, and that it's good until {first_day}.]",
            ),
            finding=Finding("Asked for the evidence", "Asked what the other company could show."),
            lapse=Finding("Other quote not explored", "Never asked what the other company found."),
        ),
    ),
    endings=(
        booked(
            step(
                Stage.OBJECTION_HANDLING,
                agent(
                    "[You don't have to decide this week. {rep} runs our camera, you keep the video, and sometimes "
                    "it's a "
                    "liner instead of a trench.]",
                    "[Let us look before you sign. If they're right, we'll tell you they're right.]",
                ),
                caller("That's exactly what I want.", "Yes. Okay. When?"),
                finding=Finding("Second opinion offered", "Gave the caller time and proof instead of a lower number."),
            ),
            *ESTIMATE_BOOKED,
            summary="Sewer line backs up again; holds a {other} quote. Camera and second opinion booked {visit}.",
        ),
        not_booked(
            talk(
                agent("That sounds about right for a dig, to be honest.", "That's kind of what they cost."),
                caller("Oh. Okay.", "Really? Then I guess I'll go with them."),
            ),
            OFFER_DECLINED,
            LEFT_OPEN,
            summary="Holds a {other} quote for a sewer line; was told it sounds right.",
            reason="Has another quote",
            risks=("Has another quote",),
        ),
    ),
)

SCENARIOS = (BURST_PIPE, TOILET, SEWER_LINE)
