"""Calls about what a house does not have yet: an EV charger, a generator, payments for a new system."""

from app.demo.conversations.endings import booked, not_booked
from app.demo.conversations.parts import (
    DETAILS,
    ESTIMATE_BOOKED,
    ESTIMATE_TIME_KNOWN,
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
from app.models.calls import Sentiment
from app.models.leads import Qualification
from app.models.tasks import AssignedTo

EV_CHARGER = Scenario(
    name="ev_charger",
    topic="EV charger",
    odds=0.66,
    choices={"panel": ("in the garage", "on the other side of the house"), "job": ("EV charger",)},
    items=(
        GREETING,
        talk(
            caller(
                "Hi, we're getting an electric car and I need a charger put in the garage.",
                "Hello, do you install EV chargers? I already have the unit.",
            )
        ),
        step(
            Stage.DISCOVERY,
            agent(
                "We do, all the time. [Where's your panel, and do you have two free spaces in it?]",
                "Congratulations. [How far is the panel from where you park?]",
            ),
            caller("It's {panel}. I don't know about spaces.", "The panel's {panel}. Let me send you a photo?"),
            agent("A photo would be great, text it to this number.", "That's fine, the estimator will check."),
            caller("Okay, will do.", "Alright."),
            finding=Finding("Asked what decides the price", "Asked about the panel and the distance."),
            lapse=Finding("Panel not asked", "Distance and free spaces decide the price; neither was asked."),
        ),
    ),
    endings=(
        booked(*ESTIMATE_BOOKED, summary="EV charger, panel {panel}. Estimate booked {visit}."),
        not_booked(
            talk(
                caller("What does that usually run?", "What am I looking at, roughly?"),
                agent("Most are between twelve hundred and two thousand.", "It really depends. Twelve hundred and up."),
                objects(
                    Objection.TOO_EXPENSIVE,
                    "Wow. [The charger itself was only four hundred.]",
                    "Okay, [that's more than I had in mind.]",
                ),
                agent("It's the wiring, mostly.", "Yeah, copper isn't cheap these days."),
                caller("Let me wait until the car's here.", "Okay. I'll see what the dealer offers."),
            ),
            OFFER_DECLINED,
            LEFT_OPEN,
            summary="EV charger, panel {panel}; surprised by the price, no visit set.",
            reason="Too expensive",
            qualification=Qualification.WARM,
        ),
    ),
)

GENERATOR = Scenario(
    name="generator",
    topic="Generator",
    odds=0.6,
    choices={"out": ("two days", "nineteen hours", "most of the weekend"), "job": ("standby generator",)},
    items=(
        GREETING,
        talk(
            caller(
                "Hi, after that last storm we were without power for {out}, and I want a generator.",
                "Yeah, we lost everything in the freezer, {out} with no power. What do you have for standby "
                "generators?",
            )
        ),
        step(
            Stage.EMPATHY,
            agent(
                "{out}, oh man. [Does anybody depend on power there, oxygen, a well pump?]",
                "I'm sorry, that's awful. [What do you absolutely need to keep running?]",
            ),
            caller("My {partner} has a CPAP. And the well.", "The fridge, the AC, and I work from home."),
            finding=Finding("Asked what must keep running", "Found out what the generator has to carry."),
            lapse=Finding("Needs not asked", "Did not ask what has to stay on."),
        ),
        talk(
            agent(
                "Those start with a site visit, there's a line of people since the storm. I have {visit}.",
                "First step is a free site visit. The next one is {visit}.",
                pause=16,
            ),
            objects(
                Objection.TOO_FAR_OUT,
                "[That's the earliest? There could be another storm by then.]",
                "[I can't wait that long just for somebody to look.]",
            ),
        ),
    ),
    endings=(
        booked(
            step(
                Stage.OBJECTION_HANDLING,
                agent(
                    "I hear you. [If you take {visit} now, I can order it to your utility the same week, waiting "
                    "only moves "
                    "you back.]",
                    "[Let me hold that one, and if anybody cancels, you're my first call.]",
                ),
                caller("Okay, put me down.", "Alright, let's do that."),
                finding=Finding("Gave a reason to book now", "Explained what waiting costs and held the slot."),
            ),
            *ESTIMATE_TIME_KNOWN,
            summary="Wants a standby generator after {out} without power. Site visit booked {visit}.",
        ),
        not_booked(
            *DETAILS,
            talk(
                agent("I know, it's the same everywhere right now.", "We're only two crews for those."),
                caller("I'll see if someone else is quicker.", "Okay. I'll think about it."),
            ),
            LEFT_OPEN,
            summary="Wants a standby generator; {visit} was too far out.",
            reason="Visit too far out",
            sentiment=Sentiment.NEGATIVE,
        ),
    ),
)

FINANCING = Scenario(
    name="financing",
    topic="Financing",
    odds=0.66,
    choices={
        "monthly": ("$120", "$140", "$165"),
        "job": ("new system", "new heat pump"),
        "months": ("60", "84", "120"),
    },
    items=(
        GREETING,
        talk(
            caller(
                "Hi, do you guys do payment plans? We need a {job} and I don't have that kind of cash lying around.",
                "Hello, I saw something about monthly payments on your truck. How does that work for a {job}?",
            )
        ),
        step(
            Stage.EMPATHY,
            agent(
                "We do, and you're not the only one. [Most people spread it out.]",
                "Yes, we do. [Nobody plans on buying one of these.]",
            ),
            caller("Okay, good to hear.", "No, you don't. So what's it come to?"),
            lapse=Finding("No reassurance", "Asking about payments is not easy; the caller heard no word about that."),
        ),
        step(
            Stage.VALUE,
            agent(
                "[Most of our customers end up around {monthly} a month, and there's no penalty for paying it off "
                "early.]",
                "[It depends on the system. A typical one is about {monthly} a month over {months} months.]",
            ),
            objects(
                Objection.TOO_EXPENSIVE,
                "Hm. [That's still a car payment.]",
                "[{monthly} a month, for how long? That's a lot.]",
                "What if my credit isn't the best? [I don't want to be turned down after all that.]",
            ),
            finding=Finding("Explained paying monthly", "Named a monthly figure and the terms without being pushed."),
            missed=(
                agent(
                    "You'd have to fill in the application and see.", "The advisor handles all of that, I don't know."
                ),
                objects(
                    Objection.TOO_EXPENSIVE,
                    "[So you can't even tell me about what it costs?]",
                    "Okay. [I'd just like to know if it's a hundred or five hundred a month.]",
                ),
            ),
            lapse=Finding(
                "Money question unanswered", "The caller asked how paying works and was sent to somebody else."
            ),
        ),
    ),
    endings=(
        booked(
            step(
                Stage.OBJECTION_HANDLING,
                agent(
                    "I understand. [There's a no-interest plan for twelve months too, and {rep} can check what you "
                    "qualify "
                    "for without it touching your credit.]",
                    "That's why we come out first. [You see two or three systems and what each one is a month, then "
                    "you "
                    "decide.]",
                ),
                caller("Oh, okay. That I'd do.", "Alright. Let's at least get the quote."),
                finding=Finding(
                    "Answered with a way to pay", "Offered a plan that fits instead of defending the price."
                ),
            ),
            *ESTIMATE_BOOKED,
            summary="Needs a {job}, asked about monthly payments. Estimate booked {visit}.",
            actions=(Action("prepare_visit", "Bring the payment plans for {first}.", 1, AssignedTo.SALES_REP),),
        ),
        not_booked(
            talk(
                agent("It is a big expense, yeah.", "Everything's gone up, I know."),
                caller("Let me think about it.", "I'm going to see what my credit union says first."),
            ),
            OFFER_DECLINED,
            LEFT_OPEN,
            summary="Asked about payments for a {job}; about {monthly} a month was too much. No visit set.",
            reason="Too expensive",
            qualification=Qualification.COLD,
            actions=(Action("send_information", "Send {first} the no-interest plan.", 1),),
        ),
    ),
)

SCENARIOS = (EV_CHARGER, GENERATOR, FINANCING)
