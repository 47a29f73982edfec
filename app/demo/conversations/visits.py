"""Visits as reps record them: looking at the house, the options and their price, and what is agreed."""

from app.demo.conversations.endings import handled
from app.demo.conversations.script import (
    Finding,
    Objection,
    Passage,
    Scenario,
    Stage,
    agent,
    caller,
    objects,
    one_of,
    step,
    talk,
)
from app.models.calls import CallOutcome, Sentiment

_ARRIVAL: Passage = (
    step(
        Stage.GREETING,
        agent(
            "Hi, you must be {first}. I'm {agent} from {company}. Alright if I record this, so nothing gets lost?",
            "Good {daypart}, {first}. {agent} with {company}. Is it okay if I record while we talk?",
        ),
        caller("Sure, come on in.", "That's fine. Watch the step.", "Yeah, no problem."),
        lapse=Finding("No introduction", "The visit began without a name and the company."),
    ),
    step(
        Stage.DISCOVERY,
        agent(
            "[Before I look at anything: what made you call us?]",
            "[Walk me through it. When did you first notice?]",
        ),
        caller(
            "It's been getting worse since the spring.",
            "We had somebody patch it last year, and it's back.",
            "Honestly, we're tired of worrying about it.",
        ),
        finding=Finding("Asked before looking", "Let the customer tell the story before measuring anything."),
        lapse=Finding("Needs not asked", "Went straight to the equipment without asking what brought the call."),
    ),
    talk(
        agent("Okay. Show me where it is.", "Let me have a look, give me a few minutes.", pause=2.0),
        caller("It's right back here.", "Down these stairs, mind your head."),
        agent("Thanks. I'll take a couple of pictures.", "Alright, I see it. Let me check a few things.", pause=4.0),
    ),
)

_OPTIONS: Passage = (
    step(
        Stage.VALUE,
        agent(
            "[So here's what I found, and here's a picture of it, so you see it yourself.]",
            "[Let me show you on the tablet what's wrong and what happens if it stays like this.]",
        ),
        caller("Oh wow. I had no idea.", "Okay, that doesn't look good."),
        finding=Finding("Showed the problem", "The customer saw the finding instead of only hearing it."),
        lapse=Finding("Problem not shown", "Named a price before the customer had seen what is wrong."),
    ),
    step(
        Stage.PROPOSAL,
        agent(
            "[There are three ways to do this. Good, better, and the one I'd put in my own house.]",
            "[I have three options for you, and they all come with the same warranty on our work.]",
        ),
        caller("And what's the middle one?", "Okay, what are we talking about?"),
        agent("{price}, everything included.", "The middle one is {price}, permit and clean-up included."),
        finding=Finding("Offered a choice", "Three options instead of one number."),
        missed=(
            agent("It'll be {price}.", "You're looking at {price}."),
            caller("Just like that?", "Hm. Is there anything cheaper?"),
        ),
        lapse=Finding("One price only", "Offered a single number, so that the only choice was yes or no."),
    ),
)

_PRICES = ("$1,180", "$2,450", "$4,900", "$7,600", "$9,850", "$12,400")

_SOLD = handled(
    talk(caller("Okay. Let's do the middle one.", "Alright, you've convinced us. When could you start?")),
    step(
        Stage.NEXT_STEP,
        agent(
            "[The crew can be here {first_day} at eight. I'll text you the agreement before I leave.]",
            "[I'll put you on the schedule for {first_day}, and you'll get a confirmation tonight.]",
        ),
        caller("Great, thank you.", "Perfect."),
        lapse=Finding("No next step", "Sold, but the customer was not told when it starts."),
    ),
    summary="Visited about the {past_job}, offered {price}; the customer accepted.",
    sentiment=Sentiment.POSITIVE,
)

_LEFT_OPEN = handled(
    talk(
        objects(
            Objection.TOO_EXPENSIVE,
            "[That's more than we thought it would be.]",
            "[I can't decide on that much money today.]",
        ),
    ),
    step(
        Stage.OBJECTION_HANDLING,
        agent(
            "[I understand. Is it the total, or that it comes all at once? We can spread it over five years.]",
            "[Fair enough. What would it have to look like for you to feel good about it?]",
        ),
        caller("Let me talk to my {partner} about that.", "Monthly might work. Let me think."),
        finding=Finding("Took up the price", "Answered the objection with a way to pay instead of a discount."),
        missed=(agent("Well, take your time.", "Sure, I get that."), caller("Okay.", "Thanks.")),
        lapse=Finding("Objection dropped", "The price stood in the way and was left there."),
    ),
    step(
        Stage.NEXT_STEP,
        agent("[I'll leave all three with you and call {follow_up}.]", "[Can I call you {follow_up}?]"),
        caller("Yes, do that.", "That works."),
        lapse=Finding("No next step", "Left without a day to speak again."),
    ),
    summary="Visited about the {past_job}, offered {price}; undecided.",
    outcome=CallOutcome.FOLLOW_UP,
    sentiment=Sentiment.NEUTRAL,
)

ESTIMATE_VISIT = Scenario(
    name="estimate_visit",
    topic="Visit",
    choices={"price": _PRICES, "job": ("estimate",)},
    items=(
        *_ARRIVAL,
        one_of(
            (talk(agent("How old is the one you have?"), caller("It came with the house. Fifteen years?")),),
            (talk(agent("Are you planning to stay in the house?"), caller("At least until the kids are out.")),),
        ),
        *_OPTIONS,
    ),
    endings=(_SOLD, _LEFT_OPEN),
)

REPAIR_VISIT = Scenario(
    name="repair_visit",
    topic="Visit",
    choices={"price": ("$189", "$240", "$315", "$420", "$680"), "job": ("repair",)},
    items=(
        *_ARRIVAL,
        talk(
            agent("It's a small part, I have one on the truck.", "I can fix that today. The part's in the truck."),
            caller("Oh, good.", "That's a relief."),
        ),
        *_OPTIONS,
    ),
    endings=(_SOLD, _LEFT_OPEN),
)

SCENARIOS = (ESTIMATE_VISIT, REPAIR_VISIT)
