"""Definitions of numbers: the name, label and unit of each, and the exact rows behind it.

`rows` are the filters of a list. The list shows exactly the rows that the number counts, because both use the same
conditions.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import NamedTuple

from app.declarations.listed import Listed
from app.errors import LazyText as Text
from app.security.permissions import Permission
from app.trust.retention.rules import RetentionKind

#: The parameters of a list that name its period.
PERIOD = frozenset({"period", "from", "to"})

#: A parameter of a list, by name.
Parameter = tuple[str, str]


class Unit(Enum):
    """The unit of a number.

    COUNT is a whole number, RATIO a fraction of 1, SECONDS and HOURS are durations, RATING is 1 to 5, SCORE 0 to 100,
    GRADE a score shown as a letter, MONEY an amount in the organization's currency.
    """

    COUNT = "count"
    RATIO = "ratio"
    SECONDS = "seconds"
    HOURS = "hours"
    RATING = "rating"
    SCORE = "score"
    GRADE = "grade"
    MONEY = "money"


class Credit(StrEnum):
    """A role that rows are credited to; the value is the name of the lists' filter for it."""

    CSR = "csr"
    REP = "rep"


class Better(Enum):
    """The direction of change that is an improvement; a mere volume has none."""

    MORE = 1
    LESS = -1
    NEITHER = 0


class Rows(NamedTuple):
    """Rows of a list, described by its filters except the period and the person.

    With `of_now`, they have no period.
    """

    listed: Listed
    filters: Mapping[str, str]
    of_now: bool = False

    @property
    def reads(self) -> frozenset[Permission]:
        """The permissions to see all of these rows."""
        return frozenset((self.listed.permission, *self.listed.also_reads(self.listed.filters.of(self.filters))))

    def and_(self, **more: str) -> "Rows":
        """Return these rows with further filters."""
        return Rows(self.listed, {**self.filters, **more}, self.of_now)

    def without(self, name: str) -> "Rows":
        """Return these rows without one of their filters."""
        kept = {filter_: value for filter_, value in self.filters.items() if filter_ != name}
        return Rows(self.listed, kept, self.of_now)


@dataclass(frozen=True, slots=True, eq=False)
class Metric:
    """The definition of a number: a constant that is only equal to itself.

    `label` and `definition` are shown with the number. For a ratio, `rows` are the rows of the denominator and
    `numerator` those of the numerator; if both are sums over two lists, `second_rows` and `second_numerator` belong to
    the second list. `is_average` marks an average per row rather than a sum. `numerator_label` says what the numerator
    of a ratio counts; `denominator_label` what the denominator counts, or the number of rows of a mean or a sum.
    """

    name: str
    label: Text
    definition: Text
    unit: Unit
    better: Better
    rows: Rows
    numerator: Rows | None = None
    second_rows: Rows | None = None
    second_numerator: Rows | None = None
    is_average: bool = False
    #: The role that the rows are credited to.
    credit: Credit = Credit.CSR
    numerator_label: Text | None = None
    denominator_label: Text | None = None

    @property
    def needs_calls(self) -> bool:
        """True if the rows are calls of a period, or came about by them."""
        return bool(self.kept_by)

    @property
    def kept_by(self) -> frozenset[str]:
        """The kinds of records that the rows depend on, if they are calls of a period or came about by them.

        Some are missing from the number once records of one of these kinds have been deleted for their age.
        """
        parts = (self.rows, self.numerator, self.second_rows, self.second_numerator)
        lists = (rows.listed.name for rows in parts if rows is not None and not rows.of_now)
        return frozenset().union(*(_KEPT_BY.get(name, ()) for name in lists))

    @property
    def adds_up(self) -> bool:
        """True if the numbers of the parts add up to that of the whole: for counts and sums.

        Rates and means don't add up.
        """
        return self.unit in _SUMS and not self.is_average

    @property
    def reads(self) -> frozenset[Permission]:
        """The permissions to see all rows that the number is counted from."""
        parts = (self.rows, self.numerator, self.second_rows, self.second_numerator)
        return frozenset().union(*(rows.reads for rows in parts if rows is not None))


def list_filters(filters: Iterable[Parameter], parameters: Iterable[Parameter], *, of_now: bool) -> dict[str, str]:
    """Return the filters with which a list shows exactly the rows that `filters` describe.

    `parameters` name the period and the person, and take precedence over `filters`. Rows as of now have no period, so
    with `of_now` that of `parameters` is left out.
    """
    return dict(filters) | {name: value for name, value in parameters if not (of_now and name in PERIOD)}


#: Kinds by list. Leads are found by the calls in which they were spoken to; a missed caller goes with the call.
_KEPT_BY = {
    "calls": (RetentionKind.CALLS,),
    "leads": (RetentionKind.CALLS, RetentionKind.LEADS),
    "missed_calls": (RetentionKind.CALLS, RetentionKind.MISSED_CALLS),
}
_SUMS = frozenset({Unit.COUNT, Unit.HOURS, Unit.MONEY})
