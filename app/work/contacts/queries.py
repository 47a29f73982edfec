"""Reading contact cards."""

from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, SQLColumnExpression

from app.db.search import is_found
from app.declarations.found import Finder

#: Functions of the database: by words and numbers, by a tag.
FOUND, TAGGED = "contacts_found", "contacts_tagged"

#: The same for the search, in which a name may be misspelt.
CONTACT_FINDER = Finder(FOUND, "contacts_misspelt")
_FEWEST_DIGITS = 4

#: What `is_of_contact` looks in, as a filter is called.
FOUND_BY = _l("Name, number, company, email or address")


def is_of_contact(column: SQLColumnExpression[UUID | None], typed: str) -> ColumnElement[bool]:
    """Whether `column` names a contact that is found by what is typed: parts of names, words of the company, of email
    and address, the last digits of a number. Narrows a list, and shows no contact.
    """
    return is_found(column, FOUND, typed)


def may_be_number(typed: str) -> bool:
    """Whether what is typed may be looked for in phone numbers: the database wants four digits."""
    return sum(character.isdigit() for character in typed) >= _FEWEST_DIGITS
