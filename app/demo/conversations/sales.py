"""Calls of sales reps: before a visit, and after one, about a proposal that is still open."""

from app.demo.conversations.endings import handled
from app.demo.conversations.script import (
    Action,
    Finding,
    Objection,
    Passage,
    Scenario,
    Stage,
    agent,
    caller,
    objects,
    step,
    talk,
)
from app.models.calls import CallOutcome, Sentiment
from app.models.tasks import AssignedTo

_OPENING: Passage = (
    talk(caller("Hello?", "This is {first}.", "Hi, {first} speaking.")),
    step(
        Stage.GREETING,
        agent(
            "Hi {first}, this is {agent} with {company}.",
            "Hello {first}, {agent} from {company}. Is this a good time?",
        ),
        caller("Hi {agent}.", "Oh, hi. Yes, go ahead.", "Hey, sure."),
        missed=(
            agent("Hi, I'm calling about the {past_job}."),
            caller("Okay. Who's this?"),
            agent("{agent}. {company}."),
        ),
        lapse=Finding("No introduction", "The customer had to ask who was calling."),
    ),
)

BEFORE_VISIT = Scenario(
    name="before_visit",
    topic="Visit preparation",
    choices={"size": ("1,600", "1,900", "2,400", "2,800"), "year": ("1988", "1996", "2004"), "job": ("visit",)},
    items=(
        *_OPENING,
        step(
            Stage.RECAP,
            agent(
                "[I'll be at your place {old_visit}, about the {past_job}. Does that still work?]",
                "[I'm the one coming {old_visit}, and I like to know a little before I show up.]",
            ),
            caller("Yes, we'll be here.", "Yep, still good."),
            lapse=Finding("Time not confirmed", "The time of the visit was not confirmed."),
        ),
        step(
            Stage.DISCOVERY,
            agent(
                "[What's bothering you most about what you have now?]",
                "[If we get one thing right, what should it be?]",
            ),
            caller(
                "The bills, mostly. And the noise.",
                "The upstairs. Nobody sleeps up there in August.",
                "I just don't want it to break at Christmas.",
            ),
            finding=Finding("Asked what matters", "Let the customer name what should get better."),
            lapse=Finding("Needs not asked", "Went through the house without asking what should get better."),
        ),
        talk(
            agent("And the house, about how big, and when was it built?", "How many square feet are we talking about?"),
            caller("{size}, built in {year}.", "Around {size} square feet, from {year}."),
            agent("Perfect. Will everybody who decides be there?", "And will your {partner} be home, too?"),
            caller("Yes, both of us.", "My {partner} gets in at five.", "It's just me."),
        ),
    ),
    endings=(
        handled(
            step(
                Stage.NEXT_STEP,
                agent(
                    "[Great. I'll have three options with me, and you'll have prices before I leave.]",
                    "[I'll text you when I'm twenty minutes out, and plan on an hour.]",
                ),
                caller("Sounds good. See you then.", "Okay, see you."),
                finding=Finding("Said what happens next", "Told the customer what the visit brings."),
                lapse=Finding("No next step", "Did not say what to expect from the visit."),
            ),
            talk(agent("Thanks, {first}. See you soon.", "Perfect. Bye, {first}.")),
            summary="Prepared the visit {old_visit}: {size} sq ft, built {year}.",
            sentiment=Sentiment.POSITIVE,
        ),
    ),
)

_REVIEWS: Passage = (
    step(
        Stage.DISCOVERY,
        agent(
            "[I wanted to see how you feel about the options I left for the {past_job}.]",
            "[Did you get a chance to go over the proposal?]",
        ),
        caller(
            "We did. We like the middle one.",
            "Yeah, we looked at it last night.",
            "We have, and we've got a couple of questions.",
        ),
        missed=(
            agent("So, are you ready to go ahead?", "I was wondering if you've decided."),
            caller("Well …", "Hm, not really.", "I don't know."),
        ),
        lapse=Finding("No open question", "Asked for a decision without asking how they feel about the options."),
    ),
    talk(
        objects(
            Objection.TOO_EXPENSIVE,
            "[It's just a lot of money right now.]",
            "[It came out higher than we'd planned.]",
        )
    ),
)

PROPOSAL_WON = Scenario(
    name="proposal_won",
    topic="Proposal",
    choices={"job": ("proposal",), "monthly": ("$118", "$142", "$171")},
    items=(
        *_OPENING,
        *_REVIEWS,
        step(
            Stage.PROPOSAL,
            agent(
                "I understand. [Which part matters most to you, and what could wait?]",
                "That's fair. [On the plan it's {monthly} a month, with nothing down.]",
            ),
            caller("The warranty's what I care about.", "{monthly}? Okay, that we could do."),
            missed=(
                agent("Well, everything's gone up.", "That's what these cost now, unfortunately."),
                caller("I know, I know.", "So I hear."),
            ),
            finding=Finding("Fitted the proposal", "Worked on the proposal with the customer instead of discounting."),
            lapse=Finding("Price defended", "Repeated the price instead of fitting the proposal."),
        ),
        talk(
            caller("Alright, let's go with the middle one.", "Okay. My {partner} says yes, so let's do it."),
            agent("Great, you won't regret it.", "Wonderful. I'll get it on the install calendar today."),
        ),
    ),
    endings=(
        handled(
            step(
                Stage.NEXT_STEP,
                agent(
                    "[I'm sending the agreement now, sign it on your phone, and the crew's there {first_day} at "
                    "eight.]",
                    "[You'll get the paperwork by text, and our install manager calls you tomorrow.]",
                ),
                caller("Okay, I'll watch for it.", "Perfect. Thank you."),
                lapse=Finding("No next step", "Sold, but the customer was not told what happens now."),
            ),
            summary="Customer accepted the proposal for the {past_job}.",
            sentiment=Sentiment.POSITIVE,
            actions=(Action("send_information", "Send {first} the agreement to sign.", 0.1, AssignedTo.SALES_REP),),
        ),
    ),
)

PROPOSAL_OPEN = Scenario(
    name="proposal_open",
    topic="Proposal",
    choices={
        "job": ("proposal",),
        "why": ("we're waiting for one more quote", "my {partner} isn't sure", "taxes are due"),
    },
    items=(
        *_OPENING,
        *_REVIEWS,
        step(
            Stage.PROPOSAL,
            agent(
                "[Is it the total, or having it all at once?]",
                "[If the price weren't in the way, is it the system you'd want?]",
            ),
            caller("It's the total, to be honest.", "Yes, it is. It's just the timing."),
            finding=Finding("Looked for the real objection", "Asked what lies behind the price."),
            missed=(agent("Well, that's what these cost now."), caller("I know, I know.")),
            lapse=Finding("Objection not explored", "Agreed that it is expensive and left it there."),
        ),
        talk(
            caller("And {why}.", "Also, {why}, so we can't say yes today."),
            agent("Okay, that makes sense.", "I get that."),
        ),
    ),
    endings=(
        handled(
            step(
                Stage.NEXT_STEP,
                agent(
                    "[The price holds for thirty days. Can I call you {follow_up}?]",
                    "[Let's talk {follow_up}, by then you have the other number.]",
                ),
                caller("Sure, that works.", "Okay, call me then."),
                finding=Finding("Next step agreed", "Agreed on a day to speak again."),
                missed=(agent("Okay, let me know what you decide."), caller("Will do.")),
                lapse=Finding("No next step", "The proposal was left open without a day to speak again."),
            ),
            summary="Proposal for the {past_job} still open: {why}.",
            outcome=CallOutcome.FOLLOW_UP,
            actions=(Action("call_back", "Call {first} about the open proposal.", 4, AssignedTo.SALES_REP),),
        ),
    ),
)

SCENARIOS = (BEFORE_VISIT, PROPOSAL_WON, PROPOSAL_OPEN)
