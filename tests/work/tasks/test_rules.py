"""Permission to assign a task, which depends on the user, the current assignee and the new one."""

import pytest

from app.models import User
from app.work.tasks.rules import may_assign
from tests.work.conftest import ActorOf


@pytest.mark.parametrize(
    ("who", "current", "wanted", "expected"),
    [
        ("csr", None, "csr", True),
        ("csr", "colleague", "csr", False),
        ("csr", None, "colleague", False),
        ("csr", "csr", "colleague", False),
        ("csr", "csr", None, False),
        ("csr", "colleague", "colleague", True),
        ("csr", None, None, True),
        ("manager", "colleague", "csr", True),
        ("manager", "csr", None, True),
    ],
)
def test_who_does_not_assign_takes_what_nobody_has(
    actor_of: ActorOf,
    csr: User,
    colleague: User,
    manager: User,
    who: str,
    current: str | None,
    wanted: str | None,
    expected: bool,
) -> None:
    people = {"csr": csr, "colleague": colleague, "manager": manager}
    ids = {name: user.id for name, user in people.items()}

    given = may_assign(actor_of(people[who]), ids.get(current or ""), ids.get(wanted or ""))
    assert given is expected
