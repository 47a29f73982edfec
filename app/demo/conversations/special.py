"""Callers who need another path: landlords, businesses, new owners, people with a question."""

from app.demo.conversations.endings import booked, handled, not_booked
from app.demo.conversations.parts import (
    BOOKED,
    BOOKED_FEE_KNOWN,
    CALLS_AROUND,
    GOODBYE,
    GREETING,
    LEFT_OPEN,
    OFFER_DECLINED,
    RECAP,
    SCHEDULING,
    SHORT_DETAILS,
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

LANDLORD = Scenario(
    name="landlord",
    topic="Rental property",
    odds=0.7,
    choices={
        "tenant": ("Keisha", "Brandon", "Mrs. Ortega"),
        "trouble": ("no hot water", "a toilet that won't stop running", "a shower that only drips"),
        "job": ("rental",),
    },
    items=(
        GREETING,
        talk(
            caller(
                "Hi, I own a rental and my tenant has {trouble}. I'm out of state, so you'd be dealing with them.",
                "Hello, I manage a house for the owner. The tenant's got {trouble}.",
            )
        ),
        step(
            Stage.DISCOVERY,
            agent(
                "No problem, we do that a lot. [Who lets us in, and who approves the work?]",
                "Okay. [Who should we call on the way, and is there an amount you're comfortable with without a call?]",
            ),
            caller(
                "{tenant} lets you in. You call me for anything over three hundred.",
                "Call {tenant} for access, call me before you do anything. I'll pay by card.",
            ),
            finding=Finding("Cleared access and approval", "Asked who opens the door and who says yes to the price."),
            missed=(
                agent("Okay, and the tenant can pay?", "And you'll be there?"),
                caller("No, I'm not even in the state. Bill me.", "No, no, the tenant only opens the door."),
            ),
            lapse=Finding("Access not cleared", "The owner had to repeat that somebody else lives there."),
        ),
    ),
    endings=(
        booked(
            *BOOKED,
            summary="Rental with {trouble}; {tenant} gives access, owner approves above $300. Booked {visit}.",
            actions=(Action("confirm_details", "Text {tenant} the arrival window; owner approves above $300.", 0.3),),
        ),
        not_booked(
            talk(
                agent("We'd need the tenant to schedule it with us.", "Can {tenant} call us with a time?"),
                caller("I guess. I was hoping you'd set it up with them.", "Okay, I'll have {tenant} call."),
            ),
            LEFT_OPEN,
            summary="Owner of a rental with {trouble}; told to have the tenant call. No visit set.",
            reason="Tenant has to call back",
            actions=(Action("call_back", "Call {tenant} directly about {trouble}; the owner agreed.", 1),),
        ),
    ),
)

COMMERCIAL = Scenario(
    name="commercial",
    topic="Commercial",
    odds=0.68,
    choices={
        "site": ("restaurant", "dental office", "daycare", "small warehouse"),
        "trouble": (
            "the rooftop unit is down",
            "there's no hot water in the kitchen",
            "the restroom drains are backed up",
        ),
        "job": ("commercial job",),
    },
    items=(
        GREETING,
        talk(
            caller(
                "Hi, I manage a {site} and {trouble}. Do you do commercial?",
                "Yeah, this is for a business, a {site}. {trouble}, and we open at eleven.",
            )
        ),
        step(
            Stage.DISCOVERY,
            agent(
                "We do light commercial. [What are your hours, and is there roof access or a gate code?]",
                "We can. [Who's on site, and do you need a certificate of insurance from us?]",
            ),
            caller(
                "We're here from seven. You'll need the ladder, the hatch is locked, I have the key.",
                "Ask for me. And yes, our landlord wants the certificate.",
            ),
            finding=Finding("Asked about access", "Cleared hours, access and paperwork for a business."),
            missed=(
                agent("Okay, which address is that?", "Where is it?"),
                caller("Right downtown, across from the bank.", "It's the corner building, {city}."),
            ),
            lapse=Finding("Access not asked", "A business needs hours, access and a certificate; none was asked."),
        ),
        step(
            Stage.VALUE,
            agent(
                "[For a business it's a two-hour minimum, and we bill the company, net fifteen, so nobody needs a "
                "card.]",
                "[We give you one price for the visit and a report you can send to the landlord.]",
            ),
            caller("That helps.", "Good, our accountant will be happy."),
            lapse=Finding("Billing not explained", "The caller was not told how a business is billed."),
        ),
    ),
    endings=(
        booked(
            *SHORT_DETAILS,
            *SCHEDULING,
            RECAP,
            GOODBYE,
            summary="{site}: {trouble}. Booked {visit}, bill to the company.",
            actions=(
                Action("send_information", "Send the certificate of insurance to {first}.", 1),
                Action("prepare_visit", "Commercial site: ask about a maintenance contract.", 2, AssignedTo.SALES_REP),
            ),
        ),
        not_booked(
            talk(
                objects(
                    Objection.NEEDS_IT_TODAY,
                    "[I need somebody before we open.]",
                    "[If it's not this morning I'm losing a day's business.]",
                ),
                agent(
                    "I don't have a commercial crew until {visit}.", "Our earliest for a business is {visit}.", pause=15
                ),
                caller("Then I have to keep calling.", "Okay. I'll try the next one on the list."),
            ),
            CALLS_AROUND,
            summary="{site}: {trouble}. Needed it before opening, earliest was {visit}.",
            reason="Wanted a visit today",
            sentiment=Sentiment.NEGATIVE,
            qualification=Qualification.HOT,
        ),
    ),
)

NEW_HOMEOWNER = Scenario(
    name="new_homeowner",
    topic="Maintenance plan",
    odds=0.6,
    choices={"job": ("maintenance plan",), "yearly": ("$189", "$219", "$249")},
    items=(
        GREETING,
        talk(
            caller(
                "Hi, we just bought a house and there's your sticker on everything. Do you have some kind of plan?",
                "Hello, new homeowner here. I'd like somebody to look at everything once a year.",
            )
        ),
        step(
            Stage.VALUE,
            agent(
                "Congratulations! [The plan is {yearly} a year: two tune-ups, a plumbing check, no trip fee, and "
                "you go to "
                "the front of the line.]",
                "Welcome. [For {yearly} a year we look at heating, cooling, the water heater and the panel, and you "
                "save "
                "fifteen percent on repairs.]",
            ),
            caller("That's not bad at all.", "Okay. Does that start right away?"),
            finding=Finding("Explained the plan", "Said what it includes, not only what it costs."),
            missed=(agent("It's {yearly} a year."), caller("And what do I get for that?"), agent("Two tune-ups.")),
            lapse=Finding("Plan not explained", "Named the price of the plan and little else."),
        ),
    ),
    endings=(
        booked(*BOOKED_FEE_KNOWN, summary="New homeowner, plan at {yearly} a year; first visit {visit}."),
        not_booked(
            talk(
                objects(Objection.ASK_SPOUSE, "[Let me talk to my {partner}, we've had a lot of bills this month.]"),
                agent("I bet, moving's expensive.", "Sure. It'll still be there next week."),
            ),
            OFFER_DECLINED,
            LEFT_OPEN,
            summary="New homeowner interested in the plan at {yearly}; asks {partner} first.",
            reason="Needs to ask spouse",
            actions=(Action("send_information", "Send {first} the plan's leaflet.", 1),),
        ),
    ),
)

HOURS = Scenario(
    name="hours_question",
    topic="General question",
    choices={"job": ("question",), "asked": ("Do you work on Saturdays?", "Do you give free estimates for repairs?")},
    items=(
        GREETING,
        talk(
            caller("Hi, just a quick question. {asked}", "Hello. {asked}"),
            agent(
                "Saturdays we're here until two, same price. Estimates for new systems are free, repairs have the "
                "{fee} visit.",
                "Yes on Saturdays, eight to two. And a repair visit is {fee}, a quote for something new is free.",
            ),
            caller("Okay, good to know.", "And nights?"),
            agent(
                "After hours somebody takes your call, and there's an on-call technician.",
                "Anything urgent, just call.",
            ),
            caller("Perfect.", "Great."),
        ),
    ),
    endings=(handled(GOODBYE, summary="Asked about hours and prices.", sentiment=Sentiment.POSITIVE),),
)

SCENARIOS = (LANDLORD, COMMERCIAL, NEW_HOMEOWNER, HOURS)
