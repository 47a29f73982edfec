"""Reading contact cards."""

from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, SQLColumnExpression

from app.db.search import is_found

#: What `is_of_contact` looks in, as a filter is called.
FOUND_BY = _l("Name, number, company, email or address")


def is_of_contact(column: SQLColumnExpression[UUID | None], typed: str) -> ColumnElement[bool]:
    """Whether `column` names a contact that is found by what is typed: parts of names, words of the company, of email
    and address, the last digits of a number. Narrows a list, and shows no contact.
    """
    return is_found(column, "contacts_found", typed)
