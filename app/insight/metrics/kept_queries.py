"""Statements of numbers, compiled once for each kind of question and grouping (see `app.security.compiled_query`)."""

from collections.abc import Callable, Hashable, Sequence
from typing import Any

from sqlalchemy import Row

from app.db.paging import Selection
from app.insight.metrics.grouping_queries import Grouping
from app.insight.metrics.question_queries import Look, Question
from app.security.actor import Actor
from app.security.compiled_query import compiled_query


class KeptNumbers:
    """A function that makes a statement of a question, a grouping and what is wanted, which is hashable."""

    def __init__(self, build: Callable[..., Selection]) -> None:
        def made(actor: Actor, look: Look, grouping: Grouping, *wanted: Hashable) -> Selection:
            return build(Question.like(look, actor), grouping, *wanted)

        self._kept = compiled_query(made)

    def rows(self, question: Question, grouping: Grouping, *wanted: Hashable) -> Sequence[Row[Any]]:
        """All rows, as the driver reads them."""
        values = {**question.values, **grouping.values}
        return self._kept.rows(question.actor, question.look, grouping.like, *wanted, **values)


def kept_numbers(build: Callable[..., Selection]) -> KeptNumbers:
    """Compile what `build` makes once for each kind of question, grouping and what is wanted.

    The question and the grouping that it is given have places instead of values.
    """
    return KeptNumbers(build)
