"""What callers leave after the tone: the recorded greeting, then the message."""

from app.demo.conversations.endings import handled
from app.demo.conversations.script import Exchange, Scenario, agent, caller, talk
from app.models.calls import CallOutcome

_TONE = agent(
    "You have reached {company}. We can't take your call right now. Please leave your name and number after the tone.",
    "Thank you for calling {company}. All our lines are busy. Leave a message and we will call you right back.",
)


def _message(name: str, topic: str, summary: str, *variants: str) -> Scenario:
    items: tuple[Exchange, ...] = (talk(_TONE, caller(*variants, pause=1.5)),)
    ending = handled(summary=summary, outcome=CallOutcome.VOICEMAIL)
    return Scenario(name, topic, items, (ending,), choices={"job": ("message",)})


SCENARIOS = (
    _message(
        "voicemail_no_heat",
        "No heat",
        "Voicemail: no heat, wants a call back.",
        "Hi, this is {full}, {street}. Our furnace went out and it's getting cold in here. Please call me at "
        "{phone}, any "
        "time. Thanks.",
        "Yeah, hi, um, {first} {last}. The heat isn't working. I'm at {phone}. Please call as soon as you get this.",
    ),
    _message(
        "voicemail_ac",
        "AC not cooling",
        "Voicemail: AC is out, wants a visit.",
        "Hello, it's {full}. The air conditioner's running but the house keeps getting warmer. I'd like somebody to "
        "come "
        "out. My number's {phone}.",
        "Hi, {first} here, on {street}. AC's out. We have a baby in the house, so the sooner the better. {phone}.",
    ),
    _message(
        "voicemail_leak",
        "Leak",
        "Voicemail: a leak, water is off.",
        "Hi, we've got a leak under the sink. I turned the water off, but I need somebody today. {full}, {phone}. "
        "Thank you.",
        "This is {full} at {street}. There's water coming through the ceiling, please call me, {phone}.",
    ),
    _message(
        "voicemail_quote",
        "System replacement",
        "Voicemail: wants a quote for a new system.",
        "Hello, I'd like to get a quote on a new system. Ours is about twenty years old. Call me after four, "
        "{phone}, this "
        "is {full}.",
        "Hi, my name is {full}. A neighbor gave me your number, it's about replacing our AC. {phone}. No rush.",
    ),
    _message(
        "voicemail_short",
        "Missed call",
        "Voicemail: asks for a call back.",
        "Yeah, it's {first}. Call me back, please. {phone}.",
        "Um, hi, it's {full}. It's about {need}. Call me at {phone}, please.",
    ),
)
