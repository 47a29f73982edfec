"""Street addresses of a person: their own, and those that distinguish them from other contacts."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Select, Table, Uuid, func, null, select, union

from app.db.paging import AnySession
from app.declarations.personal import KnownAddress
from app.models import Appointment, Base, ContactCard
from app.security.scope import unscoped
from app.trust.privacy.address_rules import parse_address
from app.trust.privacy.mention_queries import Mentions

#: The newest ones; whoever has more has customers or tenants there.
MAX_ADDRESSES = 20

_CARDS: Table = Base.metadata.tables[ContactCard.__tablename__]
_APPOINTMENTS: Table = Base.metadata.tables[Appointment.__tablename__]
_PARTS = ("address_line_1", "address_line_2", "city", "state", "zip")


def own_addresses(session: AnySession, organization_id: UUID, card_id: UUID) -> list[KnownAddress]:
    """Return the addresses with a house number of the contact and of its appointments, deleted ones included."""
    visits = _APPOINTMENTS.c
    of_card = _parts_of(_CARDS, organization_id, _CARDS.c.id == card_id)
    of_visits = _parts_of(_APPOINTMENTS, organization_id, visits.contact_card_id == card_id)
    newest_first = of_visits.group_by(*of_visits.selected_columns).order_by(func.max(visits.scheduled_start_at).desc())
    rows = [*session.execute(of_card), *session.execute(newest_first.limit(MAX_ADDRESSES))]
    addresses = dict.fromkeys(KnownAddress(*row) for row in rows)
    return [address for address in addresses if parse_address(address) is not None][:MAX_ADDRESSES]


def distinguishing_addresses(
    session: AnySession, organization_id: UUID, card_id: UUID, *, with_appointments: bool
) -> list[KnownAddress]:
    """Return the contact's own addresses without those that another contact, which isn't deleted, has too.

    Where others have the same house, but not the same apartment, the address needs its apartment. With
    `with_appointments`, the addresses of others' appointments count too, for which all of them are read.
    """
    own = own_addresses(session, organization_id, card_id)
    if not own:
        return []
    searches = (func.contacts_found(_search_words(address), null().cast(Integer), type_=Uuid()) for address in own)
    candidates = union(*(select(search.label("id")) for search in searches)).subquery()
    other_cards = (_CARDS.c.id.in_(select(candidates.c.id)), _CARDS.c.id != card_id)
    others = _lines_at(session, _CARDS, organization_id, own, *other_cards)
    if with_appointments:
        of_others = _APPOINTMENTS.c.contact_card_id != card_id
        others += _lines_at(session, _APPOINTMENTS, organization_id, own, of_others)
    return list(filter(None, (_distinguished(address, others) for address in own)))


def _distinguished(address: KnownAddress, others: Sequence[str]) -> KnownAddress | None:
    """Return the address if none of the `others` are the same, with or without its apartment; else None."""
    parts = parse_address(address)
    for needs_unit in (False, True) if parts and parts.unit else (False,):
        narrowed = replace(address, needs_unit=needs_unit)
        if not any(map(Mentions(addresses=(narrowed,)).are_in, others)):
            return narrowed
    return None


def _lines_at(
    session: AnySession, table: Table, organization_id: UUID, own: Sequence[KnownAddress], *which: ColumnElement[bool]
) -> list[str]:
    """Return the distinct address lines of rows, except deleted ones, that are at one of the `own` addresses."""
    lines = func.concat_ws(", ", table.c.address_line_1, table.c.address_line_2)
    at_own = Mentions(addresses=tuple(own)).in_text(lines)
    rows = select(lines).distinct().where(table.c.organization_id == organization_id, table.c.deleted_at.is_(None))
    return list(
        session.scalars(
            unscoped(
                rows.where(*which, at_own),
                why="an erasure must know who else has an address, regardless of record scope",
            )
        )
    )


def _parts_of(table: Table, organization_id: UUID, which: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    rows = select(*(table.c[name] for name in _PARTS)).where(table.c.organization_id == organization_id, which)
    return unscoped(rows.where(table.c.address_line_1 != ""), why="an erasure must find all data about the person")


def _search_words(address: KnownAddress) -> str:
    parts = parse_address(address)
    return parts.search_words if parts else ""
