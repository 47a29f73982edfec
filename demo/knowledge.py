"""Knowledge items of a home-services company, which answer callers' questions, and its note templates."""

from collections.abc import Iterator
from datetime import timedelta

from app.models.knowledge import NoteTemplateKind
from app.models.organizations import Language
from demo.office import Office
from demo.rows import KnowledgeRow, NoteTemplateRow

# Category, question, answer. `{fee}` is replaced with the company's fee.
_EVERYWHERE = (
    (
        "Booking",
        "How soon can somebody come out?",
        (
            "For no heat, no cooling, no water or a leak: today or tomorrow. For tune-ups and estimates we are "
            "usually out two to six days. Always offer the next two open windows instead of asking what suits."
        ),
    ),
    (
        "Booking",
        "What is the arrival window?",
        "Windows are two hours long. The technician texts when the visit before is done, about thirty minutes ahead.",
    ),
    (
        "Booking",
        "Do I have to be home for the visit?",
        (
            "Somebody of 18 or older has to be there for the whole visit. For an estimate, everybody who decides "
            "should be home."
        ),
    ),
    (
        "Booking",
        "Can I move my visit to another day?",
        "Yes, free of charge until the technician is on the way. Take the new window before giving the old one up.",
    ),
    (
        "Prices",
        "How much is the visit fee?",
        (
            "The visit fee is {fee}. It covers the trip and the diagnosis, and it is credited to the repair when "
            "it is done on the same visit."
        ),
    ),
    (
        "Prices",
        "Can you give me a price over the phone?",
        (
            "For flat-rate work, yes, see the price book. Otherwise say why not: two houses with the same problem"
            " can be a forty-dollar part or a new unit, and a guess would help nobody. Then offer the visit."
        ),
    ),
    (
        "Prices",
        "Do you charge more on weekends or at night?",
        "After-hours calls are $79 on top of the visit fee. Saturday mornings count as regular hours.",
    ),
    (
        "Prices",
        "Do you match a competitor's quote?",
        (
            "We do not match by phone. Ask for a picture of the quote; a rep compares what is included: permit, "
            "haul-away, warranty on the work."
        ),
    ),
    (
        "Payment",
        "Which ways to pay do you take?",
        "Cards, checks, bank transfer, and financing for work over $1,500. No cash above $500.",
    ),
    (
        "Payment",
        "Do you offer financing?",
        (
            "Yes: up to 60 months, nothing down, answer within minutes, no effect on the credit score until the "
            "agreement is signed. Terms depend on credit; never promise a rate."
        ),
    ),
    (
        "Payment",
        "When do I have to pay?",
        (
            "When the work is done. For installations half is due at the start. Maintenance plans are billed "
            "monthly or yearly."
        ),
    ),
    (
        "Warranty",
        "What warranty is on the work?",
        (
            "One year on repairs, two years on installations, ten years on parts of registered systems. Work is "
            "redone free of charge within that time."
        ),
    ),
    (
        "Warranty",
        "Will you work under my home warranty?",
        (
            "Yes, as a private visit: the customer pays us and sends our invoice to the warranty company. We do "
            "not bill warranty companies."
        ),
    ),
    (
        "Service area",
        "Do you come out to my area?",
        (
            "Look up the zip code. Within 35 miles of the office, always. Outside, only for installations, with a"
            " trip charge that the rep names."
        ),
    ),
    (
        "Service area",
        "Do you work for landlords and property managers?",
        "Yes. We need the owner's agreement to the visit fee and the tenant's number. Keys only from a lockbox.",
    ),
    (
        "Company",
        "Are you licensed and insured?",
        (
            "Yes. The license number is on every invoice and on the website; a certificate of insurance is sent "
            "on request, usually the same day."
        ),
    ),
    (
        "Company",
        "What are your opening hours?",
        (
            "Somebody answers during business hours; at other times the assistant takes the call, books visits "
            "and reaches the technician on duty for emergencies."
        ),
    ),
    (
        "Company",
        "Can I speak to a manager?",
        (
            "Take the name, the number and one sentence about the matter, and promise a call back within two "
            "hours. Make the task at once."
        ),
    ),
    (
        "Emergencies",
        "I smell gas. What should I do?",
        (
            "Do not book. Tell them to leave the house now, touch no switches, and call the gas company's "
            "emergency line from outside. Offer to call back when they are safe."
        ),
    ),
    (
        "Emergencies",
        "Water is running everywhere. What can I do?",
        (
            "Help them find the main shut-off: usually where the line enters the house, at the meter or by the "
            "water heater. Turn it clockwise. Then book the next window."
        ),
    ),
    (
        "Plumbing",
        "My water heater is leaking. Repair or replace?",
        (
            "A leak from the tank itself means a new one; a leak at a valve or a pipe can often be repaired. Ask "
            "for the age: past ten years, send somebody who can quote."
        ),
    ),
    (
        "Plumbing",
        "Do you clear main sewer lines?",
        "Yes, with a camera look included. If roots are found, a rep shows the pictures and three ways to fix it.",
    ),
    (
        "Plumbing",
        "Will you install a fixture that I bought myself?",
        "Yes, by the hour and without a warranty on the fixture. Ask them to have it there and unopened.",
    ),
)
_ALL_TRADES = (
    (
        "Heating",
        "My furnace runs but blows cold air. Is that an emergency?",
        (
            "Below 40 °F outside or with small children or elderly people in the house: yes, offer today. Ask "
            "them to check the filter and the thermostat's batteries meanwhile."
        ),
    ),
    (
        "Heating",
        "How often does a furnace need service?",
        "Once a year, best before the first cold night. Many manufacturers ask for it, or the warranty on parts ends.",
    ),
    (
        "Cooling",
        "What size of air conditioner do I need?",
        (
            "Nobody can say by phone: windows, insulation and ducts matter as much as square feet. The estimate "
            "is free and takes an hour."
        ),
    ),
    (
        "Cooling",
        "Should I repair or replace my old system?",
        (
            "Older than twelve years and a repair over $1,000: let a rep show both. Otherwise repair. Never "
            "decide for them by phone."
        ),
    ),
    (
        "Cooling",
        "Which filter do I need, and how often?",
        "The size is printed on the frame of the old one. Every 60 to 90 days; every 30 with pets.",
    ),
    (
        "Electrical",
        "A breaker keeps tripping. Is that dangerous?",
        (
            "It can be. Leave it off, unplug what is on it and do not put in a larger one. Book a visit; if it "
            "smells burnt, today."
        ),
    ),
    (
        "Electrical",
        "Do I need a permit for an EV charger?",
        (
            "Yes, we take care of it: it is included in the quote. The panel has to have room; ask for a picture "
            "of it before the visit."
        ),
    ),
    (
        "Maintenance plan",
        "What does the maintenance plan include?",
        (
            "Two tune-ups a year, 15 % off repairs, no after-hours charge and the first windows of the day. "
            "$16.50 a month for one system."
        ),
    ),
)
_RETIRED = ("Prices", "Is the spring special still on?", "No, it ended in May. Offer the maintenance plan instead.")
# A question asked in another language is answered in it.
_IN_RUSSIAN = (
    "Booking",
    "Можно поговорить по-русски?",
    "Да. Перезвоним в течение часа: по-русски отвечают по будням. Если нет тепла или течёт вода, назначьте визит.",
)
_MAX_USES = 260


def knowledge_rows(office: Office) -> Iterator[KnowledgeRow]:
    """Yield the company's knowledge items, with the number of uses and the time of the last one."""
    chance = office.stream("knowledge")
    items = (*_EVERYWHERE, *(_ALL_TRADES if office.company.all_trades else ()), _RETIRED, _IN_RUSSIAN)
    for number, (category, question, answer) in enumerate(items):
        is_active = (category, question, answer) != _RETIRED
        uses = int(_MAX_USES * chance.random() ** 2) if is_active else 12
        at = office.founded + timedelta(days=1, hours=number)
        last = office.now - timedelta(hours=chance.uniform(0.3, 500)) if is_active else office.now - timedelta(days=170)
        yield KnowledgeRow(
            organization_id=office.organization_id,
            id=office.ids.at(at),
            question=question,
            answer=answer.format(fee=office.company.fee),
            category=category,
            language=Language.RUSSIAN if question == _IN_RUSSIAN[1] else Language.ENGLISH,
            is_active=is_active,
            usage_count=uses,
            last_used_at=last if uses else None,
            # Every sixth answer has never been reviewed since it was written.
            confirmed_at=at if number % 6 == 0 else office.now - timedelta(days=20 + number),
            created_at=at,
        )


_TEMPLATES = (
    (NoteTemplateKind.CALL, "Call back", "Asked to be called back.\nAbout: \nBest time: "),
    (NoteTemplateKind.CALL, "Price asked", "Asked for the price of: \nTold the visit fee: yes / no"),
    (NoteTemplateKind.CALL, "Complaint", "Unhappy with: \nPromised: \nUntil: "),
    (NoteTemplateKind.CONTACT, "Home", "Age of the system: \nPets: \nWhere to park: "),
    (NoteTemplateKind.ANY, "Left a voicemail", "Left a voicemail. Next try: "),
)


def note_template_rows(office: Office) -> Iterator[NoteTemplateRow]:
    """Yield the note templates of the company."""
    for number, (kind, name, body) in enumerate(_TEMPLATES):
        at = office.founded + timedelta(days=3, hours=number)
        yield NoteTemplateRow(
            organization_id=office.organization_id,
            id=office.ids.at(at),
            name=name,
            body=body,
            kind=kind,
            created_at=at,
        )
