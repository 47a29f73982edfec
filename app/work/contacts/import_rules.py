"""Parsing of the rows of a file into contacts. Pure: no database access."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from babel import Locale
from email_validator import EmailNotValidError, validate_email
from flask_babel import lazy_gettext as _l
from phonenumbers import SUPPORTED_REGIONS

from app.data.imports.cell_rules import CellProblem, Value, as_text, text_parser
from app.data.imports.column_rules import Columns, RowCheck
from app.data.imports.field_rules import FieldReader, field_column
from app.data.imports.mapping_rules import Mapping
from app.data.imports.phone_rules import phones_parser
from app.data.imports.record_rules import Copies, RejectedRow, Repair, with_fingerprint
from app.declarations.imported_fields import DeclaredFields
from app.tables.table_rules import Row, Table
from app.work.contacts.import_address_rules import Address, parse_address
from app.work.contacts.import_record_rules import EARLIER, ContactRecord
from app.work.contacts.import_target_rules import ContactTarget, identity_gaps
from app.work.contacts.rules import (
    MAX_ADDRESS_LINE_LENGTH,
    MAX_CITY_LENGTH,
    MAX_EMAIL_LENGTH,
    MAX_NAME_LENGTH,
    MAX_TAG_LENGTH,
    MAX_TAGS,
    MAX_ZIP_LENGTH,
    split_tags,
)

MAX_ID_LENGTH = 200

#: Fields of the resource that need a rule, because they identify a contact.
BY_RULE = ("company_name",)

_parse_id = text_parser(MAX_ID_LENGTH)
_NO_ADDRESS = Address("")
_COUNTRY_LANGUAGES = ("en", "ru", "uz")
_COUNTRY_WORDS: Final = {"usa": "US", "u.s.": "US", "u.s.a.": "US", "uk": "GB", "great britain": "GB", "сша": "US"}
_EMAIL_SEPARATORS = re.compile(r"[,;\n]+|:::")
# Spreadsheets that treat a ZIP code as a number drop its leading zero.
_ZIP_WITHOUT_ITS_ZERO = re.compile(r"[0-9]{4}(?:-[0-9]{4})?")


@dataclass(frozen=True, slots=True)
class ContactSettings:
    """Settings of the organization for reading contacts: its country, ISO 3166-1 alpha-2."""

    country: str


class ContactReader:
    """Reader that turns the rows of one table into contacts."""

    def __init__(self, mapping: Mapping, table: Table, settings: ContactSettings, fields: DeclaredFields) -> None:
        self._settings = settings
        self._source = mapping.source
        self._copies = Copies()
        self._columns = columns = Columns(mapping, table.header, identity_gaps(mapping.given))
        one = columns.one
        name, line = text_parser(MAX_NAME_LENGTH), text_parser(MAX_ADDRESS_LINE_LENGTH)
        self._external_id = one(ContactTarget.EXTERNAL_ID, _parse_id, unique=True)
        self._client = one(ContactTarget.CLIENT_PROPERTY, parse_client, unique=True)
        self._first_name = one(ContactTarget.FIRST_NAME, name, optional=True)
        self._last_name = one(ContactTarget.LAST_NAME, name, optional=True)
        self._full_name = one(ContactTarget.FULL_NAME, parse_full_name, unique=True, optional=True)
        (self._company_name,) = (field_column(columns, fields.named(field)) for field in BY_RULE)
        phones = phones_parser(settings.country)
        self._primary_phone = one(ContactTarget.PRIMARY_PHONE, phones, unique=True, optional=True)
        self._secondary_phones = columns.each(ContactTarget.SECONDARY_PHONES, phones)
        self._email = one(ContactTarget.EMAIL, parse_email, unique=True, optional=True)
        self._whole_address = one(ContactTarget.WHOLE_ADDRESS, parse_address, unique=True, optional=True)
        self._address_line_1 = one(ContactTarget.ADDRESS_LINE_1, line, unique=True, optional=True)
        self._address_line_2 = one(ContactTarget.ADDRESS_LINE_2, line, unique=True, optional=True)
        self._city = one(ContactTarget.CITY, text_parser(MAX_CITY_LENGTH), optional=True)
        self._state = one(ContactTarget.STATE, name, optional=True)
        self._zip = one(ContactTarget.ZIP, text_parser(MAX_ZIP_LENGTH), optional=True)
        self._country = one(ContactTarget.COUNTRY, parse_country, optional=True)
        self._tags = one(ContactTarget.TAGS, parse_tags, optional=True)
        self._fields = FieldReader(columns, fields.simple)

    def read(self, row: Row) -> ContactRecord | RejectedRow:
        """Return the contact of this row, or all problems of the row."""
        check = self._columns.check(row)
        if check.is_wrong():
            return check.rejected()
        record = self._record(check)
        known_by = (record.first_name, record.last_name, record.company_name, record.phones, record.email)
        if not check.is_wrong() and not any(known_by):
            check.refuse(_l("This row doesn’t identify anyone: there’s no name, company, number or email."))
        return check.rejected() if check.is_wrong() else record

    def _record(self, check: RowCheck) -> ContactRecord:
        first_name, last_name = self._full_name.read(check) or (None, None)
        country = self._country.read(check)
        zip_code, repairs = self._read_zip(check, country)
        whole = self._whole_address.read(check) or _NO_ADDRESS
        record = ContactRecord(
            line=check.line,
            fingerprint=b"",
            earlier_fingerprint=None,
            earlier_ids=(),
            repairs=repairs,
            remarks=(),
            external_source=self._source,
            external_id=self._external_id.read(check) or self._client.read(check) or "",
            first_name=self._first_name.read(check) or first_name,
            last_name=self._last_name.read(check) or last_name,
            company_name=self._company_name.read(check),
            phones=self._read_phones(check),
            email=self._email.read(check),
            address_line_1=self._address_line_1.read(check) or whole.line_1 or None,
            address_line_2=self._address_line_2.read(check) or whole.line_2,
            city=self._city.read(check) or whole.city,
            state=self._state.read(check) or whole.state,
            zip=zip_code or whole.zip,
            country=country,
            tags=self._tags.read(check) or (),
            fields=self._fields.read(check),
        )
        known = with_fingerprint(record, self._copies, EARLIER)
        return known._replace(remarks=tuple(check.problems))

    def _read_phones(self, check: RowCheck) -> tuple[str, ...]:
        """Read the numbers without duplicates. If there is no primary one, the first of the others becomes primary."""
        found = [self._primary_phone.read(check), *(column.read(check) for column in self._secondary_phones)]
        return tuple(dict.fromkeys(phone for phones in found for phone in phones or ()))

    def _read_zip(self, check: RowCheck, country: str | None) -> tuple[str | None, tuple[Repair, ...]]:
        text = self._zip.read(check)
        if text is None or (country or self._settings.country) != "US" or not _ZIP_WITHOUT_ITS_ZERO.fullmatch(text):
            return text, ()
        return f"0{text}", (Repair(self._zip.name or "", text, f"0{text}"),)


def parse_full_name(value: Value) -> tuple[str | None, str | None]:
    """Split a name into first and last name.

    `Mary Ann Lee` becomes Mary and Ann Lee, `Lee, Mary Ann` becomes Mary Ann and Lee.
    """
    text = as_text(value)
    last, comma, first = text.partition(",")
    if not comma:
        first, _, last = text.partition(" ")
    names = (first.strip() or None, last.strip() or None)
    if any(len(name) > MAX_NAME_LENGTH for name in names if name):
        raise CellProblem(_l("It’s longer than %(limit)s characters.", limit=MAX_NAME_LENGTH))
    return names


def parse_client(value: Value) -> str:
    """Return the id of the client in the id of one of their properties: `100` in `100_1`."""
    return _parse_id(as_text(value).partition("_")[0])


def parse_email(value: Value) -> str:
    """Parse an email address, with its domain in lower case. Does not check whether the domain exists.

    Raises CellProblem for several addresses, separated by commas, semicolons or line breaks, with the first to be used.
    """
    first, *others = [part for part in map(str.strip, _EMAIL_SEPARATORS.split(as_text(value))) if part] or [""]
    try:
        email = validate_email(first, check_deliverability=False).normalized
    except EmailNotValidError:
        raise CellProblem(_l("It isn’t an email address.")) from None
    if len(email) > MAX_EMAIL_LENGTH:
        raise CellProblem(_l("It’s longer than %(limit)s characters.", limit=MAX_EMAIL_LENGTH))
    if others:
        raise CellProblem(_l("Only the first email address is imported."), email)
    return email


def parse_tags(value: Value) -> tuple[str, ...]:
    """Parse tags separated by commas, semicolons, bars or line breaks, without duplicates.

    Raises CellProblem for too many tags, and for tags that are too long, with the others to be used instead.
    """
    tags = split_tags(as_text(value))
    if len(tags) > MAX_TAGS:
        raise CellProblem(_l("There are more than %(limit)s tags.", limit=MAX_TAGS))
    short = tuple(tag for tag in tags if len(tag) <= MAX_TAG_LENGTH)
    if short != tags:
        raise CellProblem(_l("A tag is longer than %(limit)s characters.", limit=MAX_TAG_LENGTH), short)
    return tags


def parse_country(value: Value) -> str:
    """Return the ISO 3166-1 alpha-2 code for a code, or for a country's name in a language of the product."""
    text = as_text(value)
    if text.upper() in SUPPORTED_REGIONS:
        return text.upper()
    code = _countries().get(text.casefold())
    if code is None:
        raise CellProblem(_l("It isn’t a country name or a two-letter country code."))
    return code


@cache
def _countries() -> dict[str, str]:
    names = dict(_COUNTRY_WORDS)
    for language in _COUNTRY_LANGUAGES:
        for code, name in Locale(language).territories.items():
            if code in SUPPORTED_REGIONS:
                names.setdefault(name.casefold(), code)
    return names
