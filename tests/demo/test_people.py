"""The people of the demonstration and their sign-in."""

import re
from collections import Counter
from dataclasses import fields
from datetime import UTC, datetime

import pytest

from app.models import Base
from app.security.passwords import check_new_password
from app.security.permissions import Role
from demo.companies import BRIGHTWATER, CEDAR_STONE, COMPANIES, PASSWORD, SAGUARO, Company
from demo.load import ORDER
from demo.people import sign_ins
from demo.rows import Row, UserRow
from tests.demo.conftest import NOW, World

# Columns that are filled in when the rows are stored.
ADDED = {
    "users": {"password_hash"},
    "organizations": {"webhook_key"},
    "invitations": {"token_hash"},
    "audit_logs": {"pos", "salt", "payload_hash"},
}


def test_the_first_company_has_everybody_the_product_is_for() -> None:
    roles = Counter(member.role for member in BRIGHTWATER.staff)
    assert roles == {
        Role.CSR: 12, Role.SALES_REP: 8, Role.MANAGER: 3, Role.EXEC: 1, Role.SUPPORT: 1, Role.ADMIN: 1, Role.OWNER: 1,
    }  # fmt: skip


@pytest.mark.parametrize("company", [CEDAR_STONE, SAGUARO], ids=lambda company: company.slug)
def test_the_other_companies_have_every_role(company: Company) -> None:
    assert {member.role for member in company.staff} == set(Role)


def test_each_company_has_a_time_zone_of_its_own_and_one_never_saves_daylight() -> None:
    assert len({str(company.timezone) for company in COMPANIES}) == len(COMPANIES)
    summer, winter = datetime(2026, 7, 1), datetime(2026, 1, 1)
    assert SAGUARO.timezone.utcoffset(summer) == SAGUARO.timezone.utcoffset(winter)


def test_one_person_signs_in_to_two_companies() -> None:
    addresses = Counter(sign_in.email for sign_in in sign_ins())
    assert [address for address, times in addresses.items() if times > 1] == ["felix.amado@brightwater.example"]


def test_addresses_are_names_at_a_domain_that_does_not_exist(world: World) -> None:
    for user in world.of(UserRow):
        assert re.fullmatch(r"[a-z]+\.[a-z]+@[a-z]+\.example", user.email)
        assert user.created_at < user.email_verified_at < user.last_seen_at < NOW.astimezone(UTC)


def test_csrs_and_reps_have_a_manager(world: World) -> None:
    managers = {user.id for user in world.of(UserRow) if user.role is Role.MANAGER}
    assert {user.manager_id for user in world.of(UserRow) if user.role in {Role.CSR, Role.SALES_REP}} <= managers


def test_the_password_is_one_that_the_product_takes() -> None:
    check_new_password(PASSWORD)


@pytest.mark.parametrize("kind", ORDER, ids=lambda kind: kind.table)
def test_a_row_has_the_columns_of_its_table_that_need_a_value(kind: type[Row]) -> None:
    columns = Base.metadata.tables[kind.table].columns
    given = {column.name for column in fields(kind)} | ADDED.get(kind.table, set())
    needed = {
        column.name for column in columns if not column.nullable and not column.server_default and not column.computed
    }
    assert needed <= given <= set(columns.keys())
