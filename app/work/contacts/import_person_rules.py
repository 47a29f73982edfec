"""Parsing of the contact that a row names, if the row itself is another record.

Pure: no database access.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from flask_babel import lazy_gettext as _l

from app.data.imports.cell_rules import text_parser
from app.data.imports.column_rules import Columns, RowCheck
from app.data.imports.phone_rules import phones_parser
from app.declarations.importable import Target
from app.work.contacts.import_rules import parse_email, parse_full_name
from app.work.contacts.rules import MAX_NAME_LENGTH


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
        ("contact name", "customer name", "client name", "lead name", "full name", "contact", "customer", "client",
         "name", "фио", "имя", "контакт", "клиент", "mijoz", "ism"),
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
        ("phone", "phone number", "mobile", "mobile phone", "mobile phone number", "mobile number", "cell phone",
         "home phone", "customer phone", "customer phone number", "client phone", "contact phone", "primary phone",
         "number", "телефон", "номер", "номер телефона", "telefon"),
        repeatable=True,
    ),
    PersonTarget.EMAIL: Target(
        _l("Contact’s email"),
        ("email", "e mail", "email address", "customer email", "client email", "contact email", "эл почта", "почта",
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


class PersonReader:
    """Reader for the contact of a row.

    `country` (ISO 3166-1 alpha-2) applies to numbers without a country code. A contact is never required: problems only
    cause warnings.
    """

    def __init__(self, columns: Columns, country: str) -> None:
        one, name = columns.one, text_parser(MAX_NAME_LENGTH)
        self._full_name = one(PersonTarget.FULL_NAME, parse_full_name, unique=True, optional=True)
        self._first_name = one(PersonTarget.FIRST_NAME, name, optional=True)
        self._last_name = one(PersonTarget.LAST_NAME, name, optional=True)
        self._company_name = one(PersonTarget.COMPANY_NAME, name, optional=True)
        self._phones = columns.each(PersonTarget.PHONE, phones_parser(country))
        self._email = one(PersonTarget.EMAIL, parse_email, unique=True, optional=True)

    def read(self, check: RowCheck) -> Person:
        """Read the contact, with the first of several numbers."""
        first_name, last_name = self._full_name.read(check) or (None, None)
        phones = [phone for column in self._phones for phone in column.read(check) or ()]
        return Person(
            first_name=self._first_name.read(check) or first_name,
            last_name=self._last_name.read(check) or last_name,
            company_name=self._company_name.read(check),
            phone=phones[0] if phones else None,
            email=self._email.read(check),
        )
