"""Callers who want what the company does not do: other trades, warranty work, places too far away."""

from app.demo.conversations.endings import booked, not_offered
from app.demo.conversations.parts import (
    BOOKED,
    GOODBYE,
    GREETING,
)
from app.demo.conversations.script import (
    Finding,
    Scenario,
    Stage,
    agent,
    caller,
    step,
    talk,
)
from app.models.leads import Qualification

HOME_WARRANTY = Scenario(
    name="home_warranty",
    topic="Home warranty",
    odds=0.3,
    choices={"item": ("water heater", "air conditioner", "dishwasher drain"), "job": ("warranty job",)},
    items=(
        GREETING,
        talk(
            caller(
                "Hi, my home warranty company gave me your number, my {item} is out.",
                "Hello, do you take home warranties? It's for the {item}.",
            ),
            agent(
                "We don't bill warranty companies, but you can often pay us and send them our invoice.",
                "We aren't in their network anymore. You'd pay us and they may pay you back.",
            ),
            caller("Oh. They told me it would be a seventy-five dollar copay.", "Hm. So I'd pay all of it up front?"),
        ),
    ),
    endings=(
        booked(
            step(
                Stage.OBJECTION_HANDLING,
                agent(
                    "[Ask them two things: do they pay for out-of-network, and how long until they send somebody.] "
                    "A lot of "
                    "people don't want to wait a week.",
                    "[We write the report they ask for, so you have a good chance of getting it back.]",
                ),
                caller("They said six business days. … Yeah, no. Let's just do it.", "Okay. Then let's get it fixed."),
                finding=Finding("Offered a way", "Turned a coverage question into a paid visit with paperwork."),
            ),
            *BOOKED,
            summary="Home warranty holder, {item}; pays us and claims it back. Booked {visit}.",
            qualification=Qualification.WARM,
        ),
        not_offered(
            talk(
                agent(
                    "I'd call them back and ask who's in network near you.", "They should have a list of who they use."
                ),
                caller("Okay, I'll call them. Thanks.", "Alright, thank you."),
            ),
            GOODBYE,
            summary="Asked for work through a home warranty, which we do not bill.",
            reason="Home warranty work is not offered",
        ),
    ),
)

NOT_OUR_TRADE = Scenario(
    name="not_our_trade",
    topic="Service not offered",
    choices={
        "work": ("a roof leak", "a refrigerator", "a pool heater", "a septic tank", "a garage door"),
        "who": ("a roofer", "the manufacturer", "a pool company", "a licensed specialist"),
        "job": ("other service",),
    },
    items=(
        GREETING,
        talk(
            caller("Hi, do you guys work on {work}?", "Hello, I need somebody for {work}.", "Yeah, it's about {work}."),
            agent(
                "We don't, I'm sorry. We do {trades}.",
                "I wish I could help, but {work} isn't something we do.",
            ),
            caller("Oh, okay. Do you know who does?", "Really? The website says home services."),
        ),
        step(
            Stage.VALUE,
            agent(
                "[For that I'd look for {who} near you, and check that they're licensed with the state.]",
                "[I'd ask your neighbors' group, honestly, people there are quick to say who's good.]",
            ),
            caller("Okay, thank you for being straight with me.", "Alright, I'll do that."),
            finding=Finding("Pointed the caller on", "Said no and told the caller where to look."),
            missed=(agent("No, sorry.", "I don't, no."), caller("Okay. Thanks.")),
            lapse=Finding("Left without a pointer", "Said no and nothing else."),
        ),
    ),
    endings=(
        not_offered(
            GOODBYE,
            summary="Asked about {work}, which we do not do.",
            reason="Asked for {work}",
        ),
    ),
)

OUT_OF_AREA = Scenario(
    name="out_of_area",
    topic="Service area",
    choices={"away": ("about an hour north", "out past the county line", "two towns over"), "job": ("visit",)},
    items=(
        GREETING,
        talk(
            caller("Hi, we live {away}. Do you come out this far for an AC?", "Hello, do you service {away}?"),
            agent("What's the zip code there?", "Let me check, what zip are you in?"),
            caller("It's {far_zip}.", "{far_zip}."),
            agent(
                "Hm. That's outside of where our trucks go, I'm sorry.",
                "I'm afraid that's too far for us, we couldn't get back to you quickly if something failed.",
                pause=10,
            ),
            caller("Even for a new system? I'd pay the drive.", "Nobody wants to come out here.", "Shoot. Okay."),
            agent(
                "I understand. For the warranty's sake we don't, we'd never be there in time.",
                "I know, and I'm sorry. The dealer list on the manufacturer's site has the closest ones.",
            ),
        ),
    ),
    endings=(
        not_offered(
            talk(caller("Alright, thank you.", "Okay. Thanks for checking."), agent("You're welcome. Good luck.")),
            summary="Lives {away}, zip {far_zip}, outside of the service area.",
            reason="Outside the service area",
        ),
    ),
)

SCENARIOS = (HOME_WARRANTY, NOT_OUR_TRADE, OUT_OF_AREA)
