"""Cached statements for numbers, compiled once per kind of question and grouping.

See `app.security.compiled_query`.
"""

from collections.abc import Callable, Hashable, Sequence
from typing import Any

from sqlalchemy import Row

from app.db.paging import Selection
from app.insight.metrics.grouping_queries import Grouping
from app.insight.metrics.question_queries import Question, Shape
from app.security.actor import Actor
from app.security.compiled_query import compiled_query


class CachedNumbers:
    """A builder of statements from a question, a grouping and further hashable arguments, with a cache."""

    def __init__(self, build: Callable[..., Selection]) -> None:
        def made(actor: Actor, look: Shape, grouping: Grouping, *wanted: Hashable) -> Selection:
            return build(Question.like(look, actor), grouping, *wanted)

        self._kept = compiled_query(made)

    def rows(self, question: Question, grouping: Grouping, *wanted: Hashable) -> Sequence[Row[Any]]:
        """Execute the statement for these arguments and return all rows, as the driver reads them."""
        values = {**question.values, **grouping.values}
        return self._kept.rows(question.actor, question.look, grouping.like, *wanted, **values)


def cached_numbers(build: Callable[..., Selection]) -> CachedNumbers:
    """Cache the statements of `build`, one for each kind of question, grouping and further arguments.

    `build` is called with a question and a grouping that have bind parameters instead of values.
    """
    return CachedNumbers(build)
