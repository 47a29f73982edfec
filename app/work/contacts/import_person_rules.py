"""Parsing of the contact that a row names, if the row itself is another record.

Pure: no database access.
"""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import NamedTuple

from flask_babel import lazy_gettext as _l

from app.data.imports.cell_rules import CellProblem, Value, as_text, text_parser
from app.data.imports.column_rules import Columns, RowCheck
from app.data.imports.phone_rules import phones_parser
from app.declarations.importable import Target
from app.work.contacts.import_rules import parse_email, parse_full_name
from app.work.contacts.import_target_rules import CODE_NAMES
from app.work.contacts.rules import MAX_NAME_LENGTH

# "Ann Lee (ann@example.com)", "Ann Lee ((239) 555-0100)"; the parentheses are those at the end.
_WITH_ADDRESS = re.compile(r"(?P<name>[^(]*?)\s*\((?P<address>.*)\)")


class PersonTarget(StrEnum):
    """Targets for the columns of a row's contact."""

    FULL_NAME = "full_name"
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    COMPANY_NAME = "company_name"
    PHONE = "phone"
    EMAIL = "email"


PERSON_TARGETS: Mapping[str, Target] = {
    PersonTarget.FULL_NAME: Target(
        _l("Contact’s name"),
        ("contact name", "customer name", "client name", "lead name", "full name", "associated contact",
         "associated contacts", "contact person", "deal contact person", "person name", "contact", "customer", "client",
         "name", "фио", "имя", "контакт", "клиент", "mijoz", "ism"),
        code_names=CODE_NAMES,
    ),
    PersonTarget.FIRST_NAME: Target(
        _l("Contact’s first name"), ("first name", "customer first name", "client first name", "given name", "forename")
    ),
    PersonTarget.LAST_NAME: Target(
        _l("Contact’s last name"),
        ("last name", "customer last name", "client last name", "family name", "surname", "фамилия", "familiya"),
    ),
    PersonTarget.COMPANY_NAME: Target(
        _l("Contact’s company"),
        ("company", "company name", "account", "account name", "associated company", "organization",
         "organization name", "business name", "компания", "kompaniya"),
    ),
    PersonTarget.PHONE: Target(
        _l("Contact’s number"),
        ("phone", "phone number", "customer mobile number", "mobile", "mobile phone", "mobile phone number",
         "mobile number", "cell phone", "home phone", "customer phone", "customer phone number", "customer home number",
         "customer work number", "client phone", "contact phone", "contact phone number", "person phone",
         "person phone work", "person phone mobile", "primary phone", "number", "телефон", "номер", "номер телефона",
         "telefon"),
        repeatable=True,
    ),
    PersonTarget.EMAIL: Target(
        _l("Contact’s email"),
        ("email", "e mail", "email address", "customer email", "client email", "contact email", "person email",
         "person email work", "эл почта", "почта",
         "pochta"),
    ),
}  # fmt: skip


class Person(NamedTuple):
    """A person as described by a row. `phone` is in E.164. All values are None if the row names no one."""

    first_name: str | None
    last_name: str | None
    company_name: str | None
    phone: str | None
    email: str | None


_NO_ONE = Person(None, None, None, None, None)


class PersonReader:
    """Reader for the contact of a row, whose name can be followed by an email address or number in parentheses.

    `country` (ISO 3166-1 alpha-2) applies to numbers without a country code. A contact is never required: problems only
    cause warnings.
    """

    def __init__(self, columns: Columns, country: str) -> None:
        one, name = columns.one, text_parser(MAX_NAME_LENGTH)
        self._full_name = one(PersonTarget.FULL_NAME, _named_parser(country), unique=True, optional=True)
        self._first_name = one(PersonTarget.FIRST_NAME, name, optional=True)
        self._last_name = one(PersonTarget.LAST_NAME, name, optional=True)
        self._company_name = one(PersonTarget.COMPANY_NAME, name, optional=True)
        self._phones = columns.each(PersonTarget.PHONE, phones_parser(country))
        self._email = one(PersonTarget.EMAIL, parse_email, unique=True, optional=True)

    def read(self, check: RowCheck) -> Person:
        """Read the contact, with the first of several numbers."""
        named = self._full_name.read(check) or _NO_ONE
        phones = [phone for column in self._phones for phone in column.read(check) or ()]
        return Person(
            first_name=self._first_name.read(check) or named.first_name,
            last_name=self._last_name.read(check) or named.last_name,
            company_name=self._company_name.read(check),
            phone=phones[0] if phones else named.phone,
            email=self._email.read(check) or named.email,
        )


def _named_parser(country: str) -> Callable[[Value], Person]:
    """Return a parser for a name, alone or with an email address or number; of several people, for the first."""
    parse_phones = phones_parser(country)

    def parse(value: Value) -> Person:
        first, *others = as_text(value).split(";")
        match = _WITH_ADDRESS.fullmatch(first.strip())
        address = match["address"].strip() if match else first.strip() if "@" in first else ""
        name = match["name"] if match else "" if address else first.strip()
        person = _NO_ONE
        if address:
            person = _reached_by(address)
            if person is _NO_ONE:  # a remark about the name, such as "Ann Lee (owner)"
                name = first.strip()
        first_name, last_name = parse_full_name(name) if name else (None, None)
        person = person._replace(first_name=first_name, last_name=last_name)
        if any(map(str.strip, others)):
            raise CellProblem(_l("Only the first of these contacts is linked."), person)
        return person

    def _reached_by(address: str) -> Person:
        try:
            if "@" in address:
                return _NO_ONE._replace(email=parse_email(address))
            return _NO_ONE._replace(phone=next(iter(parse_phones(address)), None))
        except CellProblem:
            return _NO_ONE

    return parse
