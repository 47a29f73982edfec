"""Passages that most calls share: greeting, contact details, the fee, the schedule, the recap, the goodbye."""

from app.demo.conversations.script import Finding, Passage, Stage, When, agent, caller, one_of, step, talk

GREETING = step(
    Stage.GREETING,
    agent(
        "Thank you for calling {company}, this is {intro}. How can I help you?",
        "Good {daypart}, {company}, this is {intro}. What can we do for you?",
        "Thanks for calling {company}, {intro} speaking. What's going on?",
        "{company}, this is {intro}. How can I help?",
        "Hi, you've reached {company}. My name is {intro}, what can I help you with today?",
    ),
    missed=(
        agent(
            "{company}, go ahead.",
            "{company}, can you hold for one second? … Okay, thanks for waiting. What do you need?",
            "Service desk, how can I help?",
        ),
    ),
    lapse=Finding("No name in the greeting", "The caller was not told who picked up."),
)

_NUMBER_CHECK = step(
    Stage.CONTACT_DETAILS,
    agent(
        "[Is {phone} the best number for you?]",
        "And the number you're calling from, [{phone}, is that the best one?]",
        "In case we get cut off, [is {phone} the best number?]",
    ),
    caller(
        "Yes, that's my cell.",
        "Yeah, that one's good.",
        "It is. Text is better, I'm at work most of the day.",
        "Yep.",
        "That's the one.",
    ),
    lapse=Finding("Number not confirmed", "The best number to reach the caller was never read back."),
)

NEW_CALLER: Passage = (
    talk(
        agent(
            "Let me get you into the system. What's your first and last name?",
            "Can I start with your name?",
            "Let's get you set up. Who am I speaking with?",
            "Okay. And what's your name?",
        ),
        caller(
            "{full}.",
            "It's {full}, last name is spelled {spelled}.",
            "{first} {last}.",
            "My name's {full}.",
        ),
        when=When.NEW,
    ),
    talk(
        agent(
            "And what's the address where you need us?",
            "Thanks, {first}. What's the address for the visit?",
            "Okay {first}, what's the street address there?",
            "Where would we be coming out to?",
        ),
        caller(
            "{street}, in {city}.",
            "It's {street}, {city}, {zip}.",
            "We're at {street}. That's {city}.",
            "{street}, zip code {zip}.",
        ),
        when=When.NEW,
    ),
)

KNOWN_CALLER: Passage = (
    talk(
        agent(
            "I see you in our system, {first}. Are you still at {street}?",
            "Is this {full}? I have you at {street}.",
            "You've been with us before, I have {street} here. Is it for that address?",
        ),
        caller("Yes, same place.", "That's right, yes.", "Yep, still here.", "That's me."),
        when=When.KNOWN,
    ),
)

DETAILS: Passage = (*NEW_CALLER, *KNOWN_CALLER, _NUMBER_CHECK)

FEE = step(
    Stage.VALUE,
    agent(
        "[The visit is {fee}, and that covers the technician's time and a full diagnosis. It comes off the bill if you "
        "go ahead with the repair.]",
        "So you know up front, [it's {fee} for us to come out, find the problem and give you a price in writing before "
        "we touch anything.]",
        "There's a {fee} service fee. [For that you get a licensed technician with a stocked truck, and most "
        "repairs are "
        "done on the same visit.]",
    ),
    caller(
        "Okay, that's fair.",
        "Alright.",
        "That's about what I expected.",
        "Okay, as long as I hear the price before you start.",
        "Sure, that works.",
    ),
    finding=Finding("Fee with its value", "Said what the fee buys before the caller could object to it."),
    missed=(
        agent("It's {fee} for us to come out.", "There's a fee, {fee}.", "So the trip charge is {fee}."),
        caller("Hm. Okay.", "{fee}? Just to look at it? … Okay.", "Alright, I guess."),
    ),
    lapse=Finding("Fee without its value", "Named the fee but not what the caller gets for it."),
)

_LOOKS_AT_SCHEDULE = talk(
    agent(
        "Let me pull up the schedule, one moment.",
        "Give me a second to see who's near you.",
        "Let me look at what we have open.",
        "Bear with me while I check the board.",
    ),
    caller("Sure.", "Okay.", "Take your time.", "Mm-hm."),
    chance=0.7,
)

_TAKES_FIRST_OFFER = step(
    Stage.BOOKING_ASK,
    agent(
        "Okay, [I have {visit}. Does that work for you?]",
        "[The next opening in your area is {visit}. Should I put you down for it?]",
        "[I can have someone there {visit}. Would you like that?]",
        pause=14,
    ),
    caller(
        "Yes, let's do that.",
        "That works.",
        "Perfect, I'll be home.",
        "{visit_day} is fine.",
        "Yeah, book it.",
    ),
    finding=Finding("Asked for the booking", "Offered a day and a window and asked the caller to take it."),
    missed=(
        agent("We do have some openings {visit_day}, if you wanted to think about it.", pause=14),
        caller(
            "Well, can you just put me down for {visit_day}? {visit_window}, if that's open.",
            "Could I get the one {visit_window}? I'd rather have it settled.",
        ),
        agent("Oh, sure, I can do that.", "Yeah, that's open. Okay."),
    ),
    lapse=Finding(
        "Caller asked for the booking", "A time was mentioned but not offered; the caller had to ask for it."
    ),
)

_ASKS_FOR_ANOTHER = step(
    Stage.BOOKING_ASK,
    agent("Okay, [I have {first_offer}. Would that work?]", "[How does {first_offer} sound?]", pause=14),
    caller(
        "I'm at work then. Is there anything else?",
        "Ooh, no, I've got the kids then. Anything later?",
        "That one's tough for me. What else is there?",
    ),
    agent(
        "Let me see … yes, [I also have {visit}.]",
        "Okay, [what about {visit}?]",
        "Sure. [I can do {visit}, if that's easier.]",
        pause=6,
    ),
    caller("That's better. Let's do that one.", "Perfect, I'll take it.", "Yes, {visit_day} I'm home."),
    finding=Finding("Offered a second time", "The first window did not suit; another was offered at once."),
    missed=(
        agent("When were you thinking?", pause=5),
        caller("I don't know, as soon as you can. What do you have?", "Whatever's next, really."),
        agent("I mean, there's {visit}.", pause=10),
        caller("Okay, that one then."),
    ),
    lapse=Finding("Left the time to the caller", "Asked when instead of offering two windows to choose from."),
)

SCHEDULING: Passage = (_LOOKS_AT_SCHEDULE, one_of((_TAKES_FIRST_OFFER,), (_TAKES_FIRST_OFFER,), (_ASKS_FOR_ANOTHER,)))

RECAP = step(
    Stage.RECAP,
    agent(
        "You're all set, {first}: [{visit}, at {street}. You'll get a text with the technician's name when they're on "
        "the way.]",
        "Okay, so that's [{visit}, {street}, and we'll text {phone} when we're about thirty minutes out.]",
        "Great. [I have you down for {visit}. The technician will call before they come.]",
    ),
    caller("Sounds good.", "Great, thank you.", "Okay, perfect.", "Got it. Thanks, {agent}."),
    missed=(
        agent("Okay, you're in.", "Alright, that's booked."),
        caller("So {visit_day}? {visit_window}?", "And somebody calls me before they come?"),
        agent("Yep.", "Yes, that's right."),
    ),
    lapse=Finding("No recap", "Day, window and address were not read back; the caller had to check."),
)

GOODBYE = step(
    Stage.CLOSING,
    agent(
        "Is there anything else I can help you with?",
        "Anything else going on at the house while I have you?",
        "Did you have any other questions for me?",
    ),
    caller("No, that's everything.", "No, that's it for now.", "I think we're good.", "Nope, that was it."),
    agent(
        "Thanks for calling {company}. Have a good {daypart}.",
        "Thank you, {first}. Take care.",
        "Alright, thanks for choosing {company}. Bye now.",
    ),
    missed=(agent("Okay, bye.", "Alright then, bye."), caller("Bye.", "Okay. Bye.")),
    lapse=Finding("Abrupt close", "The call ended without asking what else the caller needed."),
)

BOOKED: Passage = (*DETAILS, FEE, *SCHEDULING, RECAP, GOODBYE)
BOOKED_FEE_KNOWN: Passage = (*DETAILS, *SCHEDULING, RECAP, GOODBYE)

FREE_ESTIMATE = step(
    Stage.VALUE,
    agent(
        "[The estimate is free. {rep} comes out, measures, looks at what you have and leaves you two or three "
        "options in "
        "writing.]",
        "There's no charge for that. [Our advisor goes through the house with you and you get firm prices, not a "
        "range.]",
        "[It doesn't cost you anything, it takes about an hour, and the price you get is good for thirty days.]",
    ),
    caller("Okay, I like that.", "Free? Okay, good.", "That's fair.", "Alright, that sounds good."),
    finding=Finding("Value of the estimate", "Said what the caller gets out of the visit."),
    missed=(
        agent(
            "We'd have to send somebody out to price that.", "I can't price that on the phone, somebody has to look."
        ),
        caller("Okay … does that cost anything?", "Do I pay for that?"),
        agent("No, that's free."),
    ),
    lapse=Finding("Estimate undersold", "The caller had to ask whether the estimate costs anything."),
)

ESTIMATE_BOOKED: Passage = (*DETAILS, FREE_ESTIMATE, *SCHEDULING, RECAP, GOODBYE)
ESTIMATE_TIME_KNOWN: Passage = (*DETAILS, FREE_ESTIMATE, RECAP, GOODBYE)

LEFT_OPEN = step(
    Stage.CLOSING,
    agent(
        "No problem at all. [Can I check back with you in a couple of days?]",
        "I understand. [Would it be alright if I called you {follow_up}?]",
        "Of course. [I'll make a note and give you a call {follow_up}, if that's okay.]",
    ),
    caller("Sure, that's fine.", "Yeah, you can call.", "Okay. After five is better.", "If you want to, sure."),
    agent("Okay. Thanks for calling {company}.", "Great, we'll talk then. Thank you, {first}."),
    finding=Finding("Follow-up agreed", "The caller did not book, and agreed to a call back."),
    missed=(
        agent("Okay, well, you have our number.", "Alright. Just give us a call if you change your mind."),
        caller("Okay, thanks. Bye.", "Will do. Bye."),
    ),
    lapse=Finding("No next step", "The call ended without agreeing when to speak again."),
)

CALLS_AROUND = step(
    Stage.CLOSING,
    agent(
        "I understand. [If anything opens up today I'll call you first, alright?]",
        "Okay. [Keep our number handy, I'll ring you the minute a truck frees up.]",
    ),
    caller("Please do.", "Okay, thanks.", "Alright. Thank you."),
    agent("I hope you get it sorted out, {first}.", "Good luck, {first}. Talk soon."),
    finding=Finding("Kept the door open", "Promised a call if a slot opens today."),
    missed=(
        agent("Okay, sorry about that.", "Alright. That's all I have today."),
        caller("Okay. Bye.", "Thanks anyway."),
    ),
    lapse=Finding("No next step", "A caller with an urgent problem was let go without a promise to call."),
)

OFFER_DECLINED = step(
    Stage.BOOKING_ASK,
    agent(
        "[Could I put you down for {visit}? You can always move it.]",
        "[I have {visit} open, would you like me to hold it?]",
        "Before you go, [would {visit} work, just so you have a spot?]",
    ),
    caller("Not yet, no.", "No, not today.", "Let me get back to you on that.", "I'm not there yet."),
    missed=(
        caller("Anyway, I'll let you know.", "Okay, well, thanks for the information."),
        agent("Sure.", "Okay, no problem."),
    ),
    finding=Finding("Asked for the booking", "Offered a day and a window, although the caller hesitated."),
    lapse=Finding("Not asked to book", "The call ended without a time being offered."),
)

SHORT_DETAILS: Passage = (
    talk(
        agent("Can I get your name?", "And your name is?", "Who am I speaking with?"),
        caller("{first}. {full}.", "{full}."),
        when=When.NEW,
    ),
    talk(
        agent("Let me find you. {full}, at {street}?", "Okay, is this {first}?"),
        caller("Yes.", "That's me.", "Right."),
        when=When.KNOWN,
    ),
)
