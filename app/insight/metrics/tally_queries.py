"""Queries for counts and sums of all lists other than calls: from ledgers as far as they serve, or from rows."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Integer, cast, func, literal, null, select, union_all

from app.db.paging import Selection
from app.insight.metrics.cached_queries import cached_numbers
from app.insight.metrics.call_pass_queries import Key
from app.insight.metrics.grouping_queries import Grouping, OfEach, keyed
from app.insight.metrics.ledger import Ledger, Part
from app.insight.metrics.ledger_queries import counted_rows, is_stored_for
from app.insight.metrics.metric import Metric
from app.insight.metrics.question_queries import Question
from app.insight.metrics.tally_ledgers import PLACES
from app.insight.metrics.tally_pass_queries import Tally, count_of
from app.security.scope import unscoped


class Tallied(NamedTuple):
    """The number of rows, and the sum over them (None if there is nothing to sum)."""

    cases: int = 0
    total: int | None = None


NOTHING = Tallied()


def needed(
    tallies: Sequence[Tally], of_metrics: Mapping[str, Sequence[Tally]], wanted: Iterable[Metric]
) -> tuple[Tally, ...]:
    """Return those of `tallies`, in their order, that the metrics `wanted` are computed from.

    `of_metrics` are the tallies of each metric by name.
    """
    these = {one for metric in wanted for one in of_metrics.get(metric.name, ())}
    return tuple(one for one in tallies if one in these)


#: The counts of a group by name of the metric; a missing one stands for NOTHING.
Counts = Mapping[str, Tallied]


def tally(question: Question, grouping: Grouping, tallies: Sequence[Tally]) -> Mapping[Key, Counts]:
    """Return the counts of each group by name of the metric, with one statement; a group without rows is missing.

    `is_stored_for` can take another statement for each ledger.
    """
    places = dict.fromkeys(PLACES[one] for one in tallies if one in PLACES)
    are_stored = {place for place in places if is_stored_for(question, grouping, *place)}
    stored = tuple(one for one in tallies if PLACES.get(one) in are_stored)
    rows = _tallies.rows(question, grouping, stored, *tallies)
    found: dict[Key, dict[str, Tallied]] = {}
    for key, row in keyed(rows, grouping):
        found.setdefault(key, {})[row.name] = Tallied(row.cases, row.total)
    return found


@cached_numbers
def _tallies(question: Question, grouping: Grouping, stored: Sequence[Tally], *tallies: Tally) -> Selection:
    counted = [count_of(question, grouping, one) for one in tallies if one not in stored]
    ledgers = dict.fromkeys(PLACES[one][0] for one in stored)
    for ledger in ledgers:
        of_ledger = [one for one in stored if PLACES[one][0] is ledger]
        counted += _from_ledger(question, grouping, ledger, of_ledger)
    tallied = union_all(*counted).subquery("tallied").c
    return unscoped(select(*tallied), why="each combined query is scoped")


def _from_ledger(question: Question, grouping: Grouping, ledger: Ledger, tallies: Sequence[Tally]) -> list[Selection]:
    """Select the name, the number and the sum of each tally in each group, from the days of a ledger."""
    places = [(one, *place) for one in tallies for place in _parts_to_read(question, grouping, PLACES[one][1])]
    parts = list(dict.fromkeys(part for _, part, _ in places))
    measures = {stored_tally.metric.name for stored_tally in tallies}
    measures |= {
        f"{stored_tally.metric.name}_sum" for stored_tally in tallies if stored_tally.has_total(question, grouping)
    }
    counted = counted_rows(question, grouping, ledger, *parts, measures=measures)
    sums = {
        part: _sums(rows, grouping, part, measures).cte(f"sums_{part.days.name}")
        for part, rows in zip(parts, counted, strict=True)
    }
    found: list[Selection] = []
    for one, part, of_everybody in places:
        of_part = sums[part].c
        name = one.metric.name
        # A part for everybody together has no total of a person.
        total = of_part.get(f"{name}_sum", cast(null(), BigInteger))
        keys = [of_part[key] for key in ("key", "person", "of_everybody") if key in of_part]
        numbers = select(literal(name).label("name"), of_part[name].label("cases"), total.label("total"), *keys)
        numbers = numbers.where(of_part[name] > 0)
        if of_everybody is not None:
            numbers = numbers.where(of_part.of_everybody == int(of_everybody))
        found.append(unscoped(numbers, why="the rows of this ledger are already scoped"))
    return found


def _parts_to_read(question: Question, grouping: Grouping, part: Part) -> Sequence[tuple[Part, bool | None]]:
    """Return the parts to read numbers from.

    Of some, only the numbers of everybody together (True) or only those of each person (False) are read.
    """
    if part.together is None or question.person is not None:
        return [(part, None)]
    if isinstance(grouping, OfEach):
        return [(part, False), (part.together, True)]
    return [(part.together, None)]


def _sums(counted: Any, grouping: Grouping, part: Part, measures: Collection[str]) -> Selection:
    sums = [cast(func.sum(counted.c[name]), BigInteger).label(name) for name in part.measures if name in measures]
    numbers = unscoped(select(counted.c.key, *sums), why="the rows of this ledger are already scoped")
    if isinstance(grouping, OfEach):
        person = counted.c.person
        numbers = numbers.add_columns(person, cast(func.grouping(person), Integer).label("of_everybody"))
        return numbers.group_by(counted.c.key, func.rollup(person))
    return numbers.group_by(counted.c.key)
