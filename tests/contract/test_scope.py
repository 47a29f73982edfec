"""Each read of an organization's rows by a feature is scoped or explained; found by static analysis."""

from functools import cache

import pytest
from flask import Flask

from app.config import PROJECT_ROOT
from app.security.scope import scoped_models
from tests.contract.scope_reader import Reader

#: Folders with features; the layers below them define the scopes, or don't know rows.
AREAS = (
    *("platform", "insight", "work", "organization", "people"),
    *("trust", "data", "messaging", "ops", "lists", "tenancy"),
)
PREAMBLE = """
from typing import Any, Literal
from sqlalchemy import Select, Table, bindparam, exists, func, select
from sqlalchemy.orm import aliased
from app.extensions import db
from app.models import Base, Call, Lead, Plan, TenantRow, User
from app.security.actor import Actor
from app.security.list_of import ListOf
from app.security.scope import restrict, unscoped, visible
"""


@cache
def reader() -> Reader:
    """Return a reader of all modules of the app."""
    return Reader.of_folder(PROJECT_ROOT / "app")


def found_in(source: str) -> list[str]:
    """Return the expressions that the reader reports in a module with PREAMBLE and this source."""
    return [finding.source for finding in Reader.of_source(PREAMBLE + source).findings("source")]


def _is_held_to_it(module: str) -> bool:
    return module.removeprefix("app.").partition(".")[0] in AREAS


def test_each_read_of_an_organizations_rows_is_scoped_or_says_why_not() -> None:
    modules = [name for name in sorted(reader().modules) if _is_held_to_it(name)]
    found = [f"{name}:{one.line}: {one.source}" for name in modules for one in reader().findings(name)]

    assert len(modules) > 200
    assert found == [], "use visible() or restrict() of app.security.scope, or unscoped(…, why=…)"


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("db.session.scalars(select(Call).where(Call.id == 1))", "select(Call)"),
        ("db.session.scalar(select(func.count()).select_from(User))", "select(func.count())"),
        ("db.session.scalar(select(func.count()).where(User.name == 'A'))", "select(func.count())"),
        ("db.session.get(User, (1, 2))", "db.session.get(User, (1, 2))"),
        ("with db.begin() as one:\n  one.get_one(User, (1, 2))", "one.get_one(User, (1, 2))"),
        ("import app.models as m\ndb.session.scalar(select(m.User.id))", "select(m.User.id)"),
        ("from sqlalchemy import select as pick\ndb.session.scalar(pick(User.id))", "pick(User.id)"),
        ("import sqlalchemy as sa\ndb.session.scalar(sa.select(User.id))", "sa.select(User.id)"),
        ("db.session.execute(User.__table__.select())", "User.__table__.select()"),
        ("def f(model: type[TenantRow]):\n  return db.session.scalars(select(model.id))", "select(model.id)"),
        ("def f():\n  model = kind().model\n  return select(model.id)", "select(model.id)"),
        (
            "def f(some: Kind):\n  return select(some.model)\nclass Kind:\n  model: type[TenantRow]",
            "select(some.model)",
        ),
    ],
)
def test_a_raw_read_is_found(source: str, found: str) -> None:
    assert found_in(source) == [found]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        (
            (
                "def seen(actor):\n  return db.session.scalars(visible(Call, actor))\n"
                "def all_of_them():\n  return db.session.scalars(select(Call.topic))"
            ),
            "select(Call.topic)",
        ),
        (
            (
                "def f(actor):\n  def inner():\n    return db.session.scalar(select(User.id))\n"
                "  return inner(), visible(User, actor)"
            ),
            "select(User.id)",
        ),
        ("Rep = aliased(User)\ndef f():\n  return db.session.scalar(select(Rep.name))", "select(Rep.name)"),
        (
            (
                "_ROW = select(Call.id)\ndef f(actor):\n"
                "  return db.session.execute(restrict(_ROW, Call, actor)), db.session.execute(_ROW.limit(9))"
            ),
            "select(Call.id)",
        ),
        ("_NAME = User.name\ndef f():\n  return db.session.scalar(select(_NAME))", "select(_NAME)"),
        (
            "_CALLS = Base.metadata.tables['calls']\ndef f():\n  return db.session.scalars(select(_CALLS.c.id))",
            "select(_CALLS.c.id)",
        ),
        (
            (
                "def f(rows: Select, actor):\n  return _some(rows), _some(restrict(select(Call.id), Call, actor))\n"
                "def _some(rows: Select):\n  return db.session.scalars(select(rows.subquery().c.id))"
            ),
            "select(rows.subquery().c.id)",
        ),
        (
            "def _in() -> Any:\n  return User.id\ndef f():\n  return db.session.scalars(select(_in()))",
            "select(_in())",
        ),
        (
            (
                "class Place:\n  source: Table\ndef places() -> list[Place]:\n  return []\n"
                "def f():\n  for place in places():\n    db.session.scalars(select(place.source.c.id))"
            ),
            "select(place.source.c.id)",
        ),
        (
            "def f(table: Table):\n  return db.session.scalars(select(table.c.name))",
            "select(table.c.name)",
        ),
        ("def f():\n  columns = []\n  columns.append(User.name)\n  return select(*columns)", "select(*columns)"),
    ],
    ids=[
        "beside_a_scoped_one",
        "in_a_nested_function",
        "alias",
        "constant",
        "column_in_a_constant",
        "table",
        "handed_on",
        "answer",
        "one_of_many",
        "column_called_name",
        "collected",
    ],
)
def test_a_raw_read_is_found_behind(source: str, found: str) -> None:
    assert found_in(source) == [found]


@pytest.mark.parametrize(
    "source",
    [
        "ROW = select(Call.id)\ndef f(actor):\n  return restrict(ROW, Call, actor)",
        "def rows():\n  return select(Call.id)\ndef f(actor):\n  return restrict(rows(), Call, actor)",
        "def f(actor, wide):\n  s = select(Call.id)\n  if wide:\n    s = restrict(s, Call, actor)\n  return s",
        "def f(actor, page):\n  s = select(Call.id)\n  page(s)\n  return restrict(s, Call, actor)",
        "def _f(s, actor):\n  return s\ndef f(actor):\n  return _f(select(Call.id), actor)",
        "def f(actor):\n  return restrict(select(db.session.scalar(select(Call.id))), Call, actor)",
        "def f(actor):\n  return visible(User, actor).where(User.id.in_(select(Call.csr_id)))",
        (
            "def f(s, actor):\n  return s.where(User.id.in_(select(Call.csr_id).where("
            "Call.organization_id == actor.organization_id)))"
        ),
        "def f():\n  s = select(1)\n  return db.session.scalar(s.select_from(Call))",
        "def f():\n  return lambda: select(Call.id)",
        (
            "def f(actor):\n  some = restrict(select(Call.id), Call, actor) if actor else select(Call.topic)\n"
            "  return db.session.scalars(some.limit(1))"
        ),
        (
            "def f(actor, left):\n  for one in left:\n    s = select(Call)\n    if one:\n      break\n"
            "    s = restrict(s, Call, actor)\n  return s"
        ),
        (
            "def f(actor):\n  s = select(1)\n  def g():\n    nonlocal s\n    s = select(Call)\n"
            "  g()\n  return db.session.execute(s)"
        ),
        (
            "def f():\n  return _g(1)\ndef _g(n):\n  return _h(n)\ndef _h(n):\n  _g(n)\n  return User.name\n"
            "class Kind:\n  def f(self):\n    return select(_g(1))"
        ),
        "read = select",
        "_ROW = select(Call.id)\ncalls = ListOf(Call, _ROW, sorts=())\ndef f():\n  return db.session.execute(_ROW)",
        "calls = ListOf(select(Call.id), sorts=())",
        "calls = ListOf(Call, select(Call.id), narrow=f, sorts=(), hold=lambda rows, model, actor: rows)",
        "def _row(actor):\n  return select(Call.id)\ncalls = ListOf(Call, _row, sorts=())\nrows = list(map(_row, []))",
        "def g():\n  def ListOf(_model, row):\n    return row\n  return ListOf(Call, select(Call.id))",
        "def g():\n  def restrict(s, *_):\n    return s\n  return restrict(select(Call), Call, None)",
    ],
    ids=[
        "public_constant",
        "public_function",
        "scoped_on_one_way_only",
        "used_before_it_is_scoped",
        "handed_to_one_who_does_not",
        "carried_out_within",
        "condition_of_any_organization",
        "condition_of_a_statement_that_is_not_scoped",
        "joined_later",
        "given_out_by_a_lambda",
        "scoped_if_somebody_asks",
        "left_by_break_before_it_is_scoped",
        "changed_from_within",
        "through_functions_that_call_each_other",
        "select_by_another_name",
        "row_of_a_list_carried_out_too",
        "model_of_a_list_left_out",
        "list_held_in_another_way",
        "row_of_a_list_asked_for_elsewhere",
        "another_class_called_ListOf",
        "another_function_called_restrict",
    ],
)
def test_what_cannot_be_followed_must_say_why(source: str) -> None:
    assert len(found_in(source)) == 1


@pytest.mark.parametrize(
    "source",
    [
        "def f(actor):\n  return visible(Call, actor).where(Call.id == 1)",
        "def f(actor):\n  return restrict(select(Call.id).join(User), Call, actor)",
        "_ROW = select(Call.id).limit(9)\ndef f(actor):\n  return restrict(_ROW.add_columns(Call.topic), Call, actor)",
        "def _rows():\n  return select(Call.id)\ndef f(actor):\n  return restrict(_rows(), Call, actor)",
        "def _f(s, actor):\n  s = restrict(s, Call, actor)\n  return s\ndef f(actor):\n  _f(select(Call), actor)",
        "def f(actor):\n  s = select(Call.id)\n  s = restrict(s, Call, actor)\n  return db.session.execute(s)",
        "def f(actor):\n  few = visible(Call, actor).subquery()\n  return select(few.c.id)",
        (
            "def f(actor):\n  return visible(Call, actor).where(Call.lead_id.in_("
            "select(Lead.id).where(Lead.organization_id == actor.organization_id)))"
        ),
        (
            "def f(actor):\n  return visible(Call, actor).where("
            "exists().where(Lead.organization_id == Call.organization_id, Lead.id == Call.lead_id))"
        ),
        (
            "def f(actor: Any):\n  some = restrict(select(Call.id), Call, actor) if actor else "
            "unscoped(select(Call.id), why='the system sees all')\n"
            "  return db.session.scalar(select(func.count()).select_from(some.subquery()))"
        ),
        (
            "def f(actor):\n  return _some(restrict(select(Call.id), Call, actor))\n"
            "def _some(rows: Select):\n  some = rows.limit(9).subquery()\n"
            "  return db.session.scalars(select(func.max(some.c.id)))"
        ),
        (
            "def f(one: Table):\n  other = Base.metadata.tables['calls']\n"
            "  return unscoped(select(one.c.id), why='reads all rows').select_from(one.join(other))"
        ),
        (
            "def f(table: Table, more: Any):\n  return db.session.scalar(select(func.has_table_privilege(table.name), "
            "bindparam('more', more)))"
        ),
        (
            "def f():\n  return db.session.scalars(select(func.unnest(_names())))\n"
            "def _names() -> list[str]:\n  return [User.name]"
        ),
        "def f():\n  return db.session.scalars(select(Plan.id if _is_there(User) else Plan.name))",
        (
            "class Filters:\n  of: Literal['nobody'] | None\n"
            "def f(filters: Filters):\n  return db.session.scalars(select(Plan.id).where(Plan.name == filters.of))"
        ),
        "_ROW = select(Call.id)\ncalls = ListOf(Call, _ROW, narrow=f, sorts=())",
        "def _row(actor):\n  return select(Call.id).where(f(actor))\ncalls = ListOf(Call, _row, narrow=f, sorts=())",
        "calls = ListOf(Call, select(Call.id), narrow=lambda filters, actor, now: [Call.topic == filters.q], sorts=())",
        "def f():\n  return unscoped(select(Call.id), why='the job works for everybody')",
        "def f():\n  return db.session.get(unscoped(Call, why='a job finds its call'), 1)",
        "def f():\n  return db.session.scalars(select(Plan)), {}.get('a'), ', '.join([Call.topic])",
    ],
)
def test_what_is_scoped_or_says_why_is_accepted(source: str) -> None:
    assert found_in(source) == []


@pytest.mark.parametrize(
    "source",
    [
        "unscoped(select(Call.id), why='')",
        "def f(reason):\n  return unscoped(select(Call.id), why=reason)",
        "unscoped(select(Plan), why='it has no rows of an organization')",
    ],
    ids=["no_reason", "a_reason_that_cannot_be_read", "nothing_to_scope"],
)
def test_an_exception_is_a_sentence_about_a_read(source: str) -> None:
    assert len(found_in(source)) == 1


def test_every_model_that_a_list_shows_has_a_scope(app: Flask) -> None:
    with app.app_context():
        scoped = scoped_models()

    assert {"Call", "Lead", "Appointment", "MissedCallEntry", "Task", "ContactCard", "Import"} <= {
        model.__name__ for model in scoped
    }
