"""Search conditions for contacts."""

from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, SQLColumnExpression

from app.db.search import is_found
from app.declarations.found import Finder

#: Database functions for the search by words and numbers, and by tag.
FOUND, TAGGED = "contacts_found", "contacts_tagged"

#: Finder for the global search, where a name can be misspelled.
CONTACT_FINDER = Finder(FOUND, "contacts_misspelt")
_MIN_DIGITS = 4

#: Label of the search filter, naming the fields that `is_of_contact` searches.
FOUND_BY = _l("Name, number, company, email or address")


def is_of_contact(column: SQLColumnExpression[UUID | None], typed: str) -> ColumnElement[bool]:
    """Build the condition that `column` refers to a contact that matches the typed text.

    The search covers parts of names, words of company, email and address, and the last digits of a number. It filters a
    list, and discloses no contact.
    """
    return is_found(column, FOUND, typed)


def may_be_number(typed: str) -> bool:
    """Return whether the typed text could match phone numbers: the database requires four digits."""
    return sum(character.isdigit() for character in typed) >= _MIN_DIGITS
