"""Permissions decide who can do something; an actor's role only decides about ranks.

A program acts with permissions of its own and the role of its creator, so a condition on the role would give it the
rights of a person.
"""

from pathlib import Path

import pytest
from flask import Flask
from jinja2 import nodes

import app as package
from tests.contract.role_reader import RoleReader

#: Modules, or functions as `module:function`, that read an actor's role, and why they are no condition on a right.
ALLOWED = {
    "app.security.actor": "the matrix gives the role its permissions, and an error says what the role is",
    "app.security.occupation_rules": "a CSR and a sales rep own and are credited with different work",
    "app.security.cached_selections": "the cache key holds everything that rights follow from",
    "app.security.identity": "the context of the transaction records it",
    "app.security.api_identity:_person": "the context of the transaction records it",
    "app.people.sign_in.service:start_session": "the context of the transaction records it",
    "app.people.sign_in.staff_entry_service:_record_there": "the context of the transaction records it",
    "app.platform.organizations.tenant_switch:working_in": "the context of the transaction records it",
    "app.people.users.service:refuse_stale_rights": "a session ends if its rights, and so its rank, have become fewer",
    "app.people.impersonation.guard": "an error says what the role is",
    "app.declarations.first_page": "each role has a start page, which checks its own permission",
    "app.declarations.navigation": "the cache key holds everything that the menu follows from",
    "app.declarations.shortcut_sheet": "the cache key holds everything that the shortcuts follow from",
}

#: Templates that show the role of an actor, and how.
SHOWN = {
    "layouts/app.html": "below the name of the person signed in",
    "layouts/_visit.html": "in the banner of platform staff",
    "people/roles/_matrix.html": "their column of the matrix is marked",
    "people/sign_in/show.html": "on their own account page",
}


@pytest.fixture(scope="module")
def reader() -> RoleReader:
    """Analyzer of the whole app."""
    return RoleReader.of_folder(Path(package.__file__).parent)


def found_in(source: str) -> list[str]:
    return [finding.source for finding in RoleReader.of_source(source).findings()]


def test_no_condition_depends_on_the_role_of_an_actor(reader: RoleReader) -> None:
    found = [one for one in reader.findings() if not {one.place, one.place.partition(":")[0]} & ALLOWED.keys()]

    assert found == []


def test_each_allowed_place_still_reads_a_role(reader: RoleReader) -> None:
    places = {place for one in reader.findings() for place in (one.place, one.place.partition(":")[0])}

    assert ALLOWED.keys() - places == set()


def test_templates_only_show_the_role_of_an_actor(app: Flask) -> None:
    templates = Path(app.root_path, app.template_folder or "")
    reading = {
        path.relative_to(templates).as_posix()
        for path in templates.rglob("*.html")
        for node in app.jinja_env.parse(path.read_text()).find_all(nodes.Getattr)
        if node.attr == "role" and isinstance(node.node, nodes.Name) and node.node.name in ("actor", "visitor")
    }

    assert reading == SHOWN.keys()


@pytest.mark.parametrize(
    "source",
    [
        "def f(actor: Actor):\n  return actor.role is Role.OWNER",
        "def f(actor: Actor):\n  return actor.role in (Role.ADMIN, Role.OWNER)",
        "def f(actor: Actor):\n  return actor.role.rank >= 30",
        "def f(actor: Actor):\n  return PAGES[actor.role]",
        "def f(actor: Actor):\n  match actor.role:\n    case Role.CSR:\n      return 1",
        "def f(actor: Actor):\n  role = actor.role\n  return role == 'owner'",
        "def f(actor: Actor):\n  return kind_of_assignee(actor.role)",
        "def f(actor):\n  return actor.role == 'owner'",
        "def f(by: Actor | None):\n  return by is not None and by.role == 'owner'",
        "def f(by: 'Actor'):\n  return by.role == 'owner'",
        "def f(people: Sequence[Actor]):\n  return [one for one in people if one.role == 'csr']",
        "def f(people: Sequence[Actor]):\n  return people[0].role == 'csr'",
        "is_owner = lambda actor: actor.role == 'owner'",
        "def current() -> Actor: ...\ndef f():\n  return current().role == 'owner'",
        "def current() -> Actor: ...\ndef f():\n  who, now = current(), 1\n  return who.role == 'owner'",
        "def current() -> Actor: ...\ndef f():\n  return (who := current()).role == 'owner'",
        "def current() -> Actor: ...\ndef f(other):\n  who = other or current()\n  return who.role == 'owner'",
        "def f(actor: Actor):\n  somebody = replace(actor, granted=())\n  return somebody.role == 'owner'",
        "class Question:\n  asked_by: Actor\ndef f(question: Question):\n  return question.asked_by.role == 'csr'",
        "class Actor:\n  def is_owner(self):\n    return self.role == 'owner'",
        "def f(actor: Actor):\n  return getattr(actor, 'role') == 'owner'",
        "def f(actor: Actor):\n  return may_give(actor.role, 'csr')",
    ],
)
def test_a_planted_read_of_a_role_is_found(source: str) -> None:
    [found] = found_in(source)

    assert "role" in found


def test_a_planted_pattern_is_found() -> None:
    assert found_in("def f(actor):\n  match actor:\n    case Actor(role='owner'):\n      return 1") == [
        "Actor(role='owner')"
    ]


@pytest.mark.parametrize(
    "source",
    [
        "def f(user: User):\n  return user.role == 'owner'",
        "def current() -> Actor: ...\ndef f(one):\n  user, actor = one, current()\n  return user.role == 'owner'",
        "def f(actor: Actor):\n  return actor.may('outbox:read')",
        "from app.security.rank_rules import may_give\ndef f(actor: Actor):\n  return may_give(actor.role, 'csr')",
        "def f(is_for: Callable[[Actor], bool], row):\n  return row.role == 'owner'",
        "class User:\n  def is_owner(self):\n    return self.role == 'owner'",
    ],
)
def test_roles_of_others_and_rules_of_ranks_are_not_found(source: str) -> None:
    assert found_in(source) == []
