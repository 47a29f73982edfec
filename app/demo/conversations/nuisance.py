"""Calls that are not customers: wrong numbers, sales pitches, robots."""

from app.demo.conversations.endings import handled
from app.demo.conversations.parts import GREETING
from app.demo.conversations.script import Scenario, agent, caller, talk
from app.models.calls import CallOutcome

WRONG_NUMBER = Scenario(
    name="wrong_number",
    topic="Wrong number",
    choices={"wanted": ("the dentist", "Bright Smiles Dental", "the water department"), "job": ("nothing",)},
    items=(
        GREETING,
        talk(
            caller(
                "Hi, I'm calling about my appointment on {first_day}.", "Hello, yes, I need to confirm for {first_day}."
            ),
            agent("Sure, is it a repair or a new installation?", "Okay, what were we coming out for?"),
            caller("No, it's a cleaning. With Dr. Patel?", "Um, no, it's about a bill. Isn't this {wanted}?"),
            agent(
                "Ah, I think you have the wrong number. This is {company}, we do {trades}.",
                "This is {company}. I think you're looking for somebody else.",
            ),
            caller("Oh! I'm sorry. This isn't {wanted}?", "Oh my goodness. I must have misdialed."),
            agent("No, but it happens. Check the last two digits.", "It isn't, no. No worries."),
            caller("Thank you, sorry about that.", "Okay, thanks. Bye."),
            agent("Have a good {daypart}.", "Bye-bye."),
        ),
    ),
    endings=(handled(summary="Wrong number, wanted {wanted}.", outcome=CallOutcome.WRONG_NUMBER),),
)

VENDOR = Scenario(
    name="vendor_pitch",
    topic="Sales pitch",
    choices={
        "pitch": (
            "get you on the first page of search",
            "save you thirty percent on card processing",
            "wrap your trucks",
        ),
        "job": ("nothing",),
    },
    items=(
        GREETING,
        talk(
            caller(
                "Hi, could I speak with the owner? I can {pitch}.",
                "Good {daypart}, who handles your marketing? We {pitch}.",
            ),
            agent("We're not looking for anything, thank you.", "They're not available. What's it about?"),
            caller("It'll only take two minutes of their time.", "When's a good time to catch them?"),
            agent("You can send an email to the address on our website.", "I can't give that out."),
            caller(
                "I've sent two. Could you just put me through?", "I promise it's worth it. Who makes that decision?"
            ),
            agent("I need to keep this line open for customers.", "I'm going to let you go now."),
            caller("Sure, I'll try again {first_day}.", "Alright. Have a good one."),
        ),
    ),
    endings=(handled(summary="Sales pitch: wanted to {pitch}.", outcome=CallOutcome.SPAM),),
)

ROBOCALL = Scenario(
    name="robocall",
    topic="Robocall",
    choices={"pitch": ("business listing", "vehicle warranty", "business loan"), "job": ("nothing",)},
    items=(
        GREETING,
        talk(
            caller(
                "Hello! This is an important call about your {pitch}.",
                "Do not hang up. Your {pitch} is about to expire.",
            ),
            agent("Hello? Is somebody there?", "Hello?"),
            caller("To speak with a specialist, press one now.", "You have been selected. Press one to continue."),
            agent("Hello? … It's a recording.", "Okay. It's one of those."),
            caller("To be removed from our list, press nine.", "This is our final notice."),
            agent("I'm hanging up.", "Nope."),
            caller("Press one to speak with a specialist."),
        ),
    ),
    endings=(handled(summary="Recorded call about a {pitch}.", outcome=CallOutcome.SPAM),),
)

SCENARIOS = (WRONG_NUMBER, VENDOR, ROBOCALL)
