"""Queries for lists of contacts, and for the contacts found by a search."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, func, select

from app.db.conditions import is_any_of
from app.db.joins import refers_to
from app.db.lists import ListQuery
from app.db.paging import Selection, Sort, newest_or_oldest_first
from app.db.search import found_rows, is_found
from app.extensions import db
from app.models import Call, ContactCard, ContactPhone, User
from app.periods import Span, span_of
from app.security.actor import Actor
from app.security.list_of import ListOf
from app.security.scope import countable, restrict, sees_all_rows, unscoped
from app.work.contacts.filters import ContactFilters
from app.work.contacts.queries import FOUND, TAGGED, is_of_contact, may_be_number

#: Maximum number of search results.
MAX_FOUND = 20

#: Sort key: the contact's name, ignoring case. Contacts with neither name nor number come first.
_TITLE = func.coalesce(ContactCard.name_key, func.nullif(ContactCard.company_key, ""), ContactCard.primary_phone, "")


def _title_of(row: Any) -> str:
    return str(row.sort_title)


SORTS = (
    *newest_or_oldest_first("createdAt", ContactCard.created_at, ContactCard.id),
    Sort("name", _TITLE, ContactCard.id, descending=False, value_of=_title_of, parse=str),
    Sort("-name", _TITLE, ContactCard.id, descending=True, value_of=_title_of, parse=str),
)


def contact_list(actor: Actor, filters: ContactFilters, now: datetime | None = None) -> ListQuery:
    """Return the list of the contacts visible to `actor` that match `filters`."""
    listed = _contacts(actor, filters, now)
    counted = _counted_alone(filters) if sees_all_rows(ContactCard, actor) else None
    return listed if counted is None else replace(listed, matching=counted)


def _counted_alone(filters: ContactFilters) -> Selection | None:
    """Return a query for contacts matched by only a search or only a tag, each once, or None.

    None is returned if other filters are set, or if the search could match numbers.
    """
    asked = filters.parameters().keys()
    if asked == {"tag"}:
        return found_rows(TAGGED, filters.tag)
    # A contact that matches by number could also match by name, or by two numbers.
    return found_rows(FOUND, filters.q) if asked == {"q"} and not may_be_number(filters.q) else None


def list_found(actor: Actor, typed: str, *, besides: UUID) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the first MAX_FOUND contacts visible to `actor` that match the typed text, except `besides`, by name."""
    named = restrict(
        select(
            ContactCard.id,
            ContactCard.display_name.label("name"),
            ContactCard.primary_phone,
            ContactCard.city,
            ContactCard.email,
        ),
        ContactCard,
        actor,
    )
    found = named.where(is_of_contact(ContactCard.id, typed), ContactCard.id != besides)
    return db.session.execute(found.order_by(_TITLE, ContactCard.id).limit(MAX_FOUND)).all()


def contact_conditions(filters: ContactFilters, span: Span | None) -> list[ColumnElement[bool]]:
    """Translate `filters` to SQL. The span is the period in which contacts were added."""
    found: list[ColumnElement[bool]] = [ContactCard.deleted_at.is_(None)]
    if filters.q:
        found.append(is_of_contact(ContactCard.id, filters.q))
    if span is not None:
        found += [ContactCard.created_at >= span.start, ContactCard.created_at < span.end]
    if filters.source:
        found.append(is_any_of(ContactCard.source, filters.source))
    if filters.tag:
        found.append(is_found(ContactCard.id, TAGGED, filters.tag, alike=ContactCard.tags.contains([filters.tag])))
    if filters.texts is not None:
        refused = ContactCard.sms_opt_out_at
        found.append(refused.is_(None) if filters.texts else refused.is_not(None))
    return found


def last_call_at() -> ColumnElement[Any]:
    """Build a subquery for the start of the last call with a contact."""
    last = unscoped(select(func.max(Call.started_at)), why="time of the contact's last call only")
    of_card = last.where(Call.organization_id == ContactCard.organization_id, Call.contact_card_id == ContactCard.id)
    return of_card.correlate(ContactCard).scalar_subquery()


_ROW = select(
    ContactCard.id,
    ContactCard.version,
    ContactCard.display_name.label("display_name"),
    _TITLE.label("sort_title"),
    ContactCard.company_name,
    ContactCard.primary_phone,
    ContactCard.email,
    ContactCard.address_line_1,
    ContactCard.address_line_2,
    ContactCard.city,
    ContactCard.state,
    ContactCard.zip,
    ContactCard.source,
    # A row is the cache key of its rendered output, so it has to be hashable and contains no lists.
    func.array_to_string(ContactCard.tags, "\n").label("tags"),
    ContactCard.sms_opt_out_at,
    ContactCard.created_at,
    last_call_at().label("last_call_at"),
)


def _secondary_phones() -> ColumnElement[Any]:
    """Build a subquery for a contact's numbers besides the main one, in the order they were added."""
    others = unscoped(select(ContactPhone.phone), why="numbers of a contact that is already scoped").where(
        ContactPhone.organization_id == ContactCard.organization_id,
        ContactPhone.contact_card_id == ContactCard.id,
        ContactPhone.phone.is_distinct_from(ContactCard.primary_phone),
        ContactPhone.deleted_at.is_(None),
    )
    return func.array(
        others.order_by(ContactPhone.created_at, ContactPhone.id).correlate(ContactCard).scalar_subquery()
    )


_RECORD = (
    select(
        ContactCard.id,
        ContactCard.display_name.label("name"),
        _TITLE.label("sort_title"),
        ContactCard.first_name,
        ContactCard.last_name,
        ContactCard.company_name,
        ContactCard.email,
        ContactCard.primary_phone,
        _secondary_phones().label("secondary_phones"),
        ContactCard.address_line_1,
        ContactCard.address_line_2,
        ContactCard.city,
        ContactCard.state,
        ContactCard.zip,
        ContactCard.country,
        ContactCard.timezone,
        ContactCard.source,
        ContactCard.tags,
        ContactCard.property_snapshot,
        ContactCard.last_call_summary,
        ContactCard.primary_intent,
        ContactCard.risks,
        ContactCard.sms_opt_out_at,
        last_call_at().label("last_call_at"),
        ContactCard.created_by,
        func.coalesce(User.name, func.nullif(ContactCard.created_by_label, "")).label("created_by_name"),
        ContactCard.created_at,
        ContactCard.updated_at,
        ContactCard.version,
    )
    .outerjoin(User, refers_to(User, ContactCard, ContactCard.created_by))
    .execution_options(include_deleted=True)
)


def _list_conditions(filters: ContactFilters, actor: Actor, now: datetime) -> list[ColumnElement[bool]]:
    return contact_conditions(filters, span_of(filters, actor, now))


_contacts = ListOf(ContactCard, _ROW, narrow=_list_conditions, sorts=SORTS, matching=countable)

#: The same contacts with all their values.
contact_records = ListOf(ContactCard, _RECORD, narrow=_list_conditions, sorts=SORTS, matching=countable)
