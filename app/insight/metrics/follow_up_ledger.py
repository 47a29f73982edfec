"""The ledger of calls that ended without a booking and have no follow-up, by the day on which they started."""

from sqlalchemy import FromClause, and_, func, select

from app.db.paging import Selection
from app.insight.metrics import csr_definitions as d
from app.insight.metrics.ledger import Ledger, Part, starts_of_calls
from app.insight.metrics.metric import Credit
from app.insight.metrics.question_queries import Question
from app.models import BookingStatus, Call
from app.models.rollups import FOLLOW_UP_DAYS
from app.periods import Span
from app.security.scope import restrict, unscoped


def count_unbooked(question: Question, span: Span) -> Selection:
    """Select the number of the unbooked calls in a span that have no follow-up.

    It is separate from the other numbers of calls because it looks up follow-ups in other tables, which only unbooked
    calls need.
    """
    metric = d.UNBOOKED_WITHOUT_FOLLOW_UP
    counted: Selection = select(func.count().label(metric.name)).select_from(Call)
    return restrict(counted, Call, question.actor).where(*question.conditions(metric.rows, span))


def _unbooked_calls_of_contacts(marks: FromClause) -> Selection:
    """Select when the unbooked calls of the marked contacts started."""
    of_mark = and_(Call.organization_id == marks.c.organization_id, Call.contact_card_id == marks.c.record_id)
    starts = unscoped(select(Call.started_at), why="times of marked contacts' calls only")
    return starts.join_from(marks, Call, of_mark).where(Call.booking_status == BookingStatus.NOT_BOOKED)


UNBOOKED = Part(FOLLOW_UP_DAYS, Call, Call.started_at, Credit.CSR, Call.csr_id, count_unbooked, shows_own=True)
FOLLOW_UPS = Ledger("follow_ups", (UNBOOKED,), {"call": starts_of_calls, "contact": _unbooked_calls_of_contacts})
