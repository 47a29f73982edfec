"""Queries for the numbers of calls and of their analyses: from the ledger if it serves the question, or from rows."""

from app.insight.metrics.call_ledger import CALLS, CALLS_BY_CSR, CALLS_BY_REP
from app.insight.metrics.call_pass_queries import (
    AnalysisNumbers,
    ByName,
    CallNumbers,
    Key,
    measure_analyses,
    measure_calls,
    numbers_of_analyses,
    numbers_of_calls,
)
from app.insight.metrics.grouping_queries import Grouping
from app.insight.metrics.ledger_queries import day_numbers, is_stored_for
from app.insight.metrics.metric import Credit
from app.insight.metrics.question_queries import Question

_PARTS = {Credit.CSR: CALLS_BY_CSR, Credit.REP: CALLS_BY_REP}


def numbers_of(
    question: Question, grouping: Grouping, calls: CallNumbers | None, analyses: AnalysisNumbers | None = None
) -> tuple[dict[Key, ByName], dict[Key, ByName]]:
    """Return the numbers of calls and those of their analyses, by group and name; empty for None.

    One statement reads both from the ledger; without it, each takes one. A group without rows is missing.
    """
    part = _PARTS[question.credit]
    if (calls or analyses) and is_stored_for(question, grouping, CALLS, part):
        measures = (*(calls.measures if calls else ()), *(analyses.measures if analyses else ()))
        rows = day_numbers(question, grouping, CALLS, part, measures)
        return (
            numbers_of_calls(rows, grouping, calls) if calls else {},
            numbers_of_analyses(rows, grouping, analyses) if analyses else {},
        )
    return (
        measure_calls(question, grouping, calls) if calls else {},
        measure_analyses(question, grouping, analyses) if analyses else {},
    )
