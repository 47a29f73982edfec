"""What a number is made of: its name, its words, its unit, and the exact rows behind it.

`rows` are the filters of a list: the list counts what the number counts, because both are made of the same conditions.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from app.declarations.listed import Listed
from app.errors import Sentence as Text


class Unit(Enum):
    """COUNT is a whole number, RATIO a fraction of 1, SECONDS and HOURS durations, RATING 1 to 5, SCORE 0 to 100,
    GRADE a score that is read as a letter, MONEY an amount in the organization's currency."""

    COUNT = "count"
    RATIO = "ratio"
    SECONDS = "seconds"
    HOURS = "hours"
    RATING = "rating"
    SCORE = "score"
    GRADE = "grade"
    MONEY = "money"


class Better(Enum):
    """Which way is good; volume alone is neither."""

    MORE = 1
    LESS = -1
    NEITHER = 0


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of a list: its filters besides the period and the person. `of_now` ones have no period."""

    listed: Listed
    filters: Mapping[str, str]
    of_now: bool = False

    def and_(self, **more: str) -> "Rows":
        """Fewer of the same."""
        return Rows(self.listed, {**self.filters, **more}, self.of_now)

    def without(self, name: str) -> "Rows":
        """The same without one of the filters."""
        kept = {filter_: value for filter_, value in self.filters.items() if filter_ != name}
        return Rows(self.listed, kept, self.of_now)


@dataclass(frozen=True, slots=True, eq=False)
class Metric:
    """A number's definition: a constant, only equal to itself. `label` and `definition` are what people read beside it.

    A ratio's rows are its denominator's, `numerator` the others. Where the two are sums over two lists, `second_rows`
    and `second_numerator` are those of the second one. `is_mean` is of an amount a case, not their sum.
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
    is_mean: bool = False

    @property
    def adds_up(self) -> bool:
        """Whether that of a whole is the sum of those of its parts: counts and sums do, rates and means do not."""
        return self.unit in _SUMS and not self.is_mean


_SUMS = frozenset({Unit.COUNT, Unit.HOURS, Unit.MONEY})
