"""Scope of the search: no more than the lists show, for any role and when viewing as another user."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from app.db.paging import statement_of
from app.extensions import db
from app.insight.search.page import search_page
from app.insight.search.queries import find_matches, kinds_for
from app.models import Organization, Role, User
from app.security.actor import Actor
from app.security.permissions import Permission
from tests.insight.search.conftest import Asking
from tests.support.factories import DAY, Factories

#: The stored spelling, and typed: in lowercase, with one letter wrong, and in another alphabet.
NAME, TYPED = "Zimmerman", ("zimmerman", "Zimmermen", "Зиммерман")
#: Of the queue, only waiting callers are found.
WAITING = {"missed_call_entry": {"status": "open,claimed"}}


@pytest.fixture
def staff(make: Factories, organization: Organization) -> dict[Role, User]:
    """One user per role, each with rows about people who have the name that is searched for.

    Another organization has the same rows.
    """
    with make.batch():
        for company in (organization, make.organization()):
            staff = {role: make.user(company, role, name=f"{role} {NAME}") for role in Role}
            for number, (role, user) in enumerate(staff.items()):
                _rows_of(make, company, role, user, f"{NAME} {number}")
            make.deletion(make.contact(company, first_name="In the trash", last_name=NAME))
            make.deletion(make.task(company, title=f"Ask {NAME}, in the trash"))
            make.knowledge_item(company, question=f"What do we tell {NAME}, who asks each week?")
            if company is organization:
                found = staff
    return found


def _rows_of(make: Factories, company: Organization, role: Role, user: User, name: str) -> None:
    contact = make.contact(company, last_name=name, created_by=user.id)
    person = {"assigned_rep_id": user.id} if role is Role.SALES_REP else {"csr_id": user.id}
    call = make.call(company, contact_card_id=contact.id, **({} if role is Role.SALES_REP else {"csr": user}))
    make.missed_entry(company, call=call, contact_card_id=contact.id)
    earlier = make.call(company, contact_card_id=contact.id)
    make.missed_entry(company, call=earlier, contact_card_id=contact.id, status="dismissed")
    make.lead(company, contact=contact, **person)
    visit = {"sales_rep_id": user.id} if role is Role.SALES_REP else {"csr_id": user.id}
    make.appointment(company, contact=contact, scheduled_start_at=DAY, **visit)
    make.task(company, assignee=user, title=f"Ask {name}")


def _found(actor: Actor, typed: str) -> set[tuple[str, object]]:
    return {(match.row.kind, match.row.id) for match in find_matches(actor, typed)}


def _in_lists(actor: Actor) -> set[tuple[str, object]]:
    """Return the type and ID of each row that the lists find when filtered by the name."""
    found = set()
    for kind in kinds_for(actor):
        assert kind.listed is not None
        if not actor.may(kind.listed.permission):
            continue
        listed = kind.listed.query(actor, kind.listed.filters.of({"q": NAME, **WAITING.get(kind.name, {})}))
        rows = statement_of(listed.matching).subquery()
        found |= {(kind.name, row_id) for row_id in db.session.scalars(select(next(iter(rows.c))))}
    return found


@pytest.mark.parametrize("role", list(Role))
def test_each_role_finds_what_its_lists_find(staff: dict[Role, User], asking: Asking, role: Role) -> None:
    with asking(staff[role]) as actor:
        listed = _in_lists(actor)
        found = [_found(actor, typed) for typed in TYPED]

    assert listed
    assert found[0] == listed
    assert [one - listed for one in found] == [set(), set(), set()]
    # Answers must match all words, only one of which is the name; the misspelled ones differ from it by one letter.
    assert {kind for kind, _id in found[1]} == {kind for kind, _id in listed}


def test_a_single_permission_finds_more(staff: dict[Role, User], asking: Asking) -> None:
    with asking(staff[Role.CSR]) as actor:
        own = {one for one in _found(actor, NAME) if one[0] == "contact_card"}
        all_of_them = _found(replace(actor, granted=frozenset({Permission.CONTACTS_READ})), NAME)

    assert len(own) < len({one for one in all_of_them if one[0] == "contact_card"}) == len(Role)


def test_who_looks_at_somebodys_pages_finds_what_they_find_and_does_nothing(
    staff: dict[Role, User], asking: Asking
) -> None:
    with asking(staff[Role.ADMIN]) as admin:
        pass
    with asking(staff[Role.CSR]) as csr:
        seen = replace(csr, viewer=admin)
        assert _found(seen, NAME) == _found(csr, NAME)
        assert "do" in {group.name for group in search_page(csr, "").groups}
        assert "do" not in {group.name for group in search_page(seen, "").groups}
