"""Agreement of every number with the SQL in docs/numbers.md and with the list that it opens."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine

from app.db.filters import Person
from app.db.lists import ListQuery
from app.insight.metrics import csr_definitions, csr_queries, missed_queries, rep_definitions, rep_queries
from app.insight.metrics.catalogue import CATALOGUE
from app.insight.metrics.caveat_rules import CaveatReason
from app.insight.metrics.metric import Metric
from app.insight.metrics.numbers import Measured, Number
from app.models import Role, User
from app.security.actor import Actor
from app.work.appointments.filters import AppointmentFilters
from app.work.appointments.queries import appointment_list
from app.work.appointments.resource import APPOINTMENT_LIST
from app.work.calls.filters import CallFilters
from app.work.calls.queries import call_list
from app.work.calls.resource import CALL_LIST
from app.work.leads.filters import LeadFilters
from app.work.leads.queries import lead_list
from app.work.leads.resource import LEAD_LIST
from app.work.missed_calls.filters import EntryFilters
from app.work.missed_calls.queries import entry_list
from app.work.missed_calls.resource import MISSED_CALL_LIST
from app.work.recordings.filters import RecordingFilters
from app.work.recordings.queries import recording_list
from app.work.recordings.resource import RECORDING_LIST
from tests.insight.metrics.company import NOW, RandomCompany
from tests.insight.metrics.conftest import Asking
from tests.insight.metrics.documented import NOBODY, SQL, TEXT, Documented
from tests.insight.metrics.rows import rows_behind

Choose = Callable[[RandomCompany], tuple[User, Person | None, list[UUID] | None]]

#: The viewer, the people they choose, and the same people for the documented SQL.
OF_CSRS: dict[str, Choose] = {
    "a CSR of themselves": lambda c: (c.csrs[0], None, [c.csrs[0].id]),
    "a manager of everybody": lambda c: (c.staff[Role.MANAGER], None, None),
    "a manager of a CSR": lambda c: (c.staff[Role.MANAGER], c.csrs[1].id, [c.csrs[1].id]),
    "a manager of a CSR who is gone": lambda c: (c.staff[Role.MANAGER], c.csrs[2].id, [c.csrs[2].id]),
    "a manager of their team": lambda c: (c.staff[Role.MANAGER], "team", [user.id for user in c.team]),
    "an exec of nobody": lambda c: (c.staff[Role.EXEC], "none", [NOBODY]),
    "an admin of everybody": lambda c: (c.staff[Role.ADMIN], None, None),
    "an owner of everybody": lambda c: (c.staff[Role.OWNER], None, None),
}
OF_REPS: dict[str, Choose] = {
    "a rep of themselves": lambda c: (c.reps[0], None, [c.reps[0].id]),
    "another rep of themselves": lambda c: (c.reps[1], c.reps[1].id, [c.reps[1].id]),
    "a manager of everybody": lambda c: (c.staff[Role.MANAGER], None, None),
    "a manager of a rep": lambda c: (c.staff[Role.MANAGER], c.reps[1].id, [c.reps[1].id]),
    "a manager of their team": lambda c: (c.staff[Role.MANAGER], "team", [user.id for user in c.team]),
    "an exec of nobody": lambda c: (c.staff[Role.EXEC], "none", [NOBODY]),
    "an admin of everybody": lambda c: (c.staff[Role.ADMIN], None, None),
    "an owner of everybody": lambda c: (c.staff[Role.OWNER], None, None),
}
OF_THE_QUEUE: dict[str, Choose] = {
    "a CSR of themselves": lambda c: (c.csrs[0], c.csrs[0].id, [c.csrs[0].id]),
    "a manager": lambda c: (c.staff[Role.MANAGER], None, None),
    "support": lambda c: (c.staff[Role.SUPPORT], None, None),
    "a manager of a CSR": lambda c: (c.staff[Role.MANAGER], c.csrs[0].id, [c.csrs[0].id]),
    "an owner of nobody": lambda c: (c.staff[Role.OWNER], "none", [NOBODY]),
    "a manager of their team": lambda c: (c.staff[Role.MANAGER], "team", [user.id for user in c.team]),
}


@pytest.mark.parametrize("choose", OF_CSRS.values(), ids=OF_CSRS)
def test_the_numbers_of_the_call_centre(
    random_company: RandomCompany, asking: Asking, admin_engine: Engine, choose: Choose
) -> None:
    user, person, people = choose(random_company)
    with asking(random_company, user) as actor:
        numbers = csr_queries.csr_numbers(actor, random_company.period, csr=person, now=NOW)

        documented = Documented(admin_engine, actor, people, NOW)
        assert _told(numbers) == _documented(documented, random_company, numbers)
        if people and len(people) == 1:
            _assert_caveats(documented, random_company, CaveatReason.BOOKED_BEFORE, numbers["booking_rate"])
        else:
            assert numbers["booking_rate"].current.caveat is None
        _assert_lists_have_as_many_rows(actor, random_company, numbers, csr=person or _own(actor, user))


@pytest.mark.parametrize("choose", OF_REPS.values(), ids=OF_REPS)
def test_the_numbers_of_sales(
    random_company: RandomCompany, asking: Asking, admin_engine: Engine, choose: Choose
) -> None:
    user, person, people = choose(random_company)
    with asking(random_company, user) as actor:
        numbers = rep_queries.rep_numbers(actor, random_company.period, rep=person, now=NOW)

        documented = Documented(admin_engine, actor, people, NOW)
        told, expected = _told(numbers), _documented(documented, random_company, numbers, " of a rep")
        pending = "pending_leads_by_rep"
        assert told.pop(pending) == (expected.pop(pending)[0], None)
        assert told == expected
        _assert_caveats(documented, random_company, CaveatReason.UNDECIDED, numbers["win_rate"])
        _assert_lists_have_as_many_rows(actor, random_company, numbers, rep=person or _own(actor, user))


@pytest.mark.parametrize("choose", OF_THE_QUEUE.values(), ids=OF_THE_QUEUE)
def test_the_numbers_of_missed_calls(
    random_company: RandomCompany, asking: Asking, admin_engine: Engine, choose: Choose
) -> None:
    user, person, people = choose(random_company)
    with asking(random_company, user) as actor:
        numbers = missed_queries.missed_call_numbers(actor, random_company.period, csr=person, now=NOW)

        documented = Documented(admin_engine, actor, people, NOW)
        assert _told(numbers) == _documented(documented, random_company, numbers, " of the queue")
        for name in ("missed_calls_open", "missed_calls_lost"):
            _assert_caveats(documented, random_company, CaveatReason.WITHIN_WINDOW, numbers[name])
        _assert_lists_have_as_many_rows(actor, random_company, numbers, csr=person)


def test_every_number_is_documented_and_every_documented_one_exists() -> None:
    # The forecast is documented in words, the volume counts calls.
    computed = {*CATALOGUE, *CaveatReason, "volume"} - {"forecast_revenue_won"}

    assert {name.split(" ")[0] for name in SQL} == computed


def test_labels_and_definitions_are_those_of_the_app() -> None:
    wrong = {
        name: f"**{metric.label}.** {metric.definition}"
        for name, metric in _shown().items()
        if not f"{TEXT[name]} ".startswith(f"**{metric.label}.** {metric.definition} ")
    }

    assert wrong == {}


def _shown() -> dict[str, Metric]:
    """Return the numbers that have a label in the app, by their headings in docs/numbers.md."""
    plain = {**missed_queries.METRICS, **rep_queries.METRICS, **csr_queries.METRICS}
    variants = {" of a rep": rep_queries.METRICS, " of the queue": missed_queries.METRICS}
    others = (
        csr_definitions.CSR_OBJECTIONS,
        csr_definitions.UNBOOKED_WITHOUT_FOLLOW_UP,
        csr_definitions.COACHING_OPPORTUNITY,
        rep_definitions.HOURS_BOOKED_SHARE,
    )
    return {
        **{name: metric for name, metric in plain.items() if name in SQL},
        **{metric.name: metric for metric in others},
        **{
            name + variant: metric
            for variant, metrics in variants.items()
            for name, metric in metrics.items()
            if name + variant in SQL
        },
    }


def _told(numbers: Mapping[str, Number]) -> dict[str, tuple[Any, Any]]:
    return {name: (number.value, number.previous) for name, number in numbers.items()}


def _documented(
    documented: Documented, company: RandomCompany, numbers: Mapping[str, Number], variant: str = ""
) -> dict[str, tuple[Any, Any]]:
    """Return each number and its previous value according to the documented SQL.

    The heading that ends with `variant` is used if there is one.
    """
    spans = company.period.span, company.period.comparison
    headings = {name: name + variant if name + variant in SQL else name for name in numbers}
    return {
        name: (documented.number(heading, spans[0]), documented.number(heading, spans[1]))
        for name, heading in headings.items()
    }


def _assert_caveats(documented: Documented, company: RandomCompany, reason: CaveatReason, number: Number) -> None:
    """Compare the rows of a number's caveat, in both periods, with the documented SQL."""

    def rows(measured: Measured | None) -> int:
        caveat = measured.caveat if measured else None
        assert caveat is None or caveat.reason is reason
        return caveat.rows if caveat else 0

    spans = company.period.span, company.period.comparison
    assert [rows(number.current), rows(number.before)] == [documented.number(reason, span) for span in spans]


def _own(actor: Actor, user: User) -> UUID | None:
    """Return the user's ID for roles whose links lead to their own rows, or else None."""
    return user.id if actor.role in (Role.CSR, Role.SALES_REP) else None


def _assert_lists_have_as_many_rows(
    actor: Actor, company: RandomCompany, numbers: Mapping[str, Number], **person: Any
) -> None:
    named = {name: str(value) for name, value in person.items() if value is not None}
    for number in numbers.values():
        for rows, expected in rows_behind(number):
            given = {**rows.filters, **named, **({} if rows.of_now else _days(company))}
            listed = _LISTS[rows.listed.name](actor, given).count(exact=True).number
            assert listed == expected, f"{number.metric.name}: {given} lists {listed}, not {expected}"


def _days(company: RandomCompany) -> dict[str, str]:
    period = company.period
    return {"period": "custom", "from": period.first_day.isoformat(), "to": period.last_day.isoformat()}


_LISTS: dict[str, Callable[[Actor, dict[str, str]], ListQuery]] = {
    CALL_LIST.name: lambda actor, given: call_list(actor, CallFilters.of(given), NOW),
    LEAD_LIST.name: lambda actor, given: lead_list(actor, LeadFilters.of(given), NOW),
    APPOINTMENT_LIST.name: lambda actor, given: appointment_list(actor, AppointmentFilters.of(given), NOW),
    MISSED_CALL_LIST.name: lambda actor, given: entry_list(actor, EntryFilters.of(given), NOW),
    RECORDING_LIST.name: lambda actor, given: recording_list(actor, RecordingFilters.of(given), NOW),
}
