"""Callers: generated one by one with a number, an address and a home, and remembered while they are needed."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from app.models.contacts import ContactSource
from demo.companies import Company
from demo.conversations.library import scenarios
from demo.conversations.slots import Party
from demo.fictional_numbers import FictionalNumbers
from demo.names import BUSINESSES, FIRST_NAMES, LAST_NAMES, STREETS
from demo.rows import AppointmentRow, ContactRow, EntryRow, LeadRow, PhoneRow
from demo.seeding import Ids

_SOURCES = {
    ContactSource.CALLRAIL: 62,
    ContactSource.MANUAL: 22,
    ContactSource.AUTO_AI: 9,
    ContactSource.OTTO: 5,
    ContactSource.SHUNYA: 2,
}
_MAIL_DOMAINS = ("example.com", "example.net", "example.org")
_TAGS = ("prefers text", "dog in the yard", "gate code", "senior", "rental", "member", "pays by check")
_SECOND_NUMBER_ODDS = 0.14
_EMAIL_ODDS = 0.7
_TAG_ODDS = 0.25


@dataclass(slots=True, eq=False)
class Household:
    """A caller and their current state.

    `planned` counts their events in the event queue; `failed_text_of` is the ID of the missed-call entry whose text
    failed.
    """

    id: UUID
    first: str
    last: str
    street: str
    city: str
    zip: str
    phones: tuple[str, ...]
    email: str | None
    partner: str
    source: ContactSource
    home: dict[str, Any]
    tags: list[str]
    created_at: datetime
    script: str
    topic: str
    job: str = "estimate"
    business: str | None = None
    spoken: bool = False
    summary: str | None = None
    risks: list[str] = field(default_factory=list)
    lead: LeadRow | None = None
    entry: EntryRow | None = None
    visit: AppointmentRow | None = None
    planned: int = 0
    failed_text_of: UUID | None = None
    remembered: bool = True

    @property
    def phone(self) -> str:
        """The number that they call from."""
        return self.phones[0]

    def want(self, script: str) -> None:
        """Set the script, and with it the topic, of their next call."""
        self.script, self.topic = script, scenarios()[script].topic

    def party(self) -> Party:
        """Return the facts about them that a conversation can mention.

        Strangers are asked for their name and address.
        """
        return Party(self.first, self.last, self.street, self.city, self.zip, self.phone, self.partner, self.spoken)


class Neighborhood:
    """Generator of households for one company."""

    def __init__(self, company: Company, chance: random.Random, ids: Ids) -> None:
        self._company = company
        self._chance = chance
        self._ids = ids
        self._numbers = FictionalNumbers(company.area_codes, company.main_number, chance)

    @property
    def numbers_left(self) -> int:
        """Number of phone numbers that are still available."""
        return self._numbers.left

    def move_in(self, at: datetime, script: str) -> Household:
        """Return a household whose first call is at `at` and follows `script`."""
        chance = self._chance
        first, last = chance.choice(FIRST_NAMES), chance.choice(LAST_NAMES)
        town, zips = chance.choice(self._company.towns)
        second = (self._numbers.take(),) if chance.random() < _SECOND_NUMBER_ODDS else ()
        mail = f"{first}.{last}{chance.randint(1, 99)}@{chance.choice(_MAIL_DOMAINS)}".lower()
        return Household(
            id=self._ids.at(at),
            first=first,
            last=last,
            street=f"{chance.randint(100, 9899)} {chance.choice(STREETS)}",
            city=town,
            zip=chance.choice(zips),
            phones=(self._numbers.take(), *second),
            email=mail if chance.random() < _EMAIL_ODDS else None,
            partner=chance.choice(("husband", "wife", "partner")),
            source=chance.choices(tuple(_SOURCES), tuple(_SOURCES.values()))[0],
            home={
                "square_feet": chance.randrange(900, 3600, 50),
                "year_built": chance.randint(1948, 2022),
                "fuel": chance.choice(("gas", "gas", "electric")),
                "stories": chance.choice((1, 1, 2)),
            },
            tags=[chance.choice(_TAGS)] if chance.random() < _TAG_ODDS else [],
            created_at=at,
            script=script,
            topic=scenarios()[script].topic,
        )

    def business_name(self) -> str:
        """Return the business name of a commercial caller."""
        return self._chance.choice(BUSINESSES)

    def rows(self, household: Household, organization_id: UUID) -> Iterator[ContactRow | PhoneRow]:
        """Yield the contact and its numbers; until a household has spoken, only the number is known."""
        card: dict[str, Any] = {}
        if household.spoken:
            card = {
                "email": household.email,
                "company_name": household.business,
                "first_name": household.first,
                "last_name": household.last,
                "address_line_1": household.street,
                "address_line_2": f"Unit {household.id.int % 40 + 1}" if household.id.int % 9 == 0 else None,
                "sms_opt_out_at": household.created_at if household.id.int % 41 == 0 else None,
                "city": household.city,
                "state": self._company.state,
                "zip": household.zip,
                "property_snapshot": household.home,
                "tags": household.tags,
            }
        yield ContactRow(
            organization_id=organization_id,
            id=household.id,
            primary_phone=household.phone,
            source=household.source,
            last_call_summary=household.summary,
            primary_intent=household.topic,
            risks=household.risks,
            timezone=str(self._company.timezone),
            created_at=household.created_at,
            **card,
        )
        known = household.phones if household.spoken else household.phones[:1]
        for phone in known:
            yield PhoneRow(
                organization_id=organization_id,
                id=self._ids.at(household.created_at),
                phone=phone,
                contact_card_id=household.id,
                created_at=household.created_at,
            )
