"""Counting of the days of ledgers: those that were never counted, and those on which something has changed since."""

from collections.abc import Callable, Collection, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    DateTime,
    FromClause,
    TableValuedAlias,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY

from app.extensions import db
from app.insight.metrics.ledger import Ledger, Part
from app.insight.metrics.question_queries import Question
from app.insight.metrics.stored_day_queries import BEGINNING, counted_of_spans, definitions_of, stale_hours
from app.insight.rollups.ledgers import LEDGERS
from app.models.rollups import ROLLUP_DAYS, ROLLUP_MARKS
from app.periods import MAX_DAYS, Span, midnight
from app.security.actor import Actor
from app.security.scope import unscoped
from app.tenancy.actor_queries import actor_of_the_whole

#: Days counted in one transaction. Statements of a few days take longer to build than to run.
DAYS_AT_A_TIME = 90
#: The hours of today that ended this long ago are stored, too: most calls have their outcome and analysis by then.
_SETTLED_AFTER = timedelta(minutes=30)
#: Far longer than a transaction of DAYS_AT_A_TIME days.
_MAX_WAIT = "10min"
_MOMENTS = ARRAY(DateTime(timezone=True))


def refresh_all(now: datetime, *, waits: bool = False) -> None:
    """Count all days of all ledgers that are stale or missing, in transactions of up to DAYS_AT_A_TIME days.

    A ledger that another worker counts is skipped, unless this one `waits`.
    """
    for ledger in LEDGERS:
        while refresh(ledger, now, waits=waits):
            db.session.commit()
        db.session.commit()


def rebuild_all(now: datetime) -> None:
    """Discard all stored numbers and count them again; if another worker counts a ledger, wait for its transaction."""
    for ledger in LEDGERS:
        # That transaction can have counted days without changes whose marks would be discarded here.
        _lock(ledger, waits=True)
        _discard_all(ledger)
        db.session.commit()
    refresh_all(now, waits=True)


def refresh(ledger: Ledger, now: datetime, *, waits: bool = False) -> bool:
    """Count up to DAYS_AT_A_TIME days of a ledger, the latest first; return whether others remain.

    Changes that are committed later have marks of their own. So the days are right as soon as this transaction ends,
    and stale as soon as such a change is committed. While another worker counts the same ledger, this does nothing, or
    it `waits`.
    """
    if not _lock(ledger, waits=waits):
        return False
    actor = actor_of_the_whole()
    _discard_stale(actor, ledger)
    missing = _missing(actor, ledger, now)
    days = missing[:DAYS_AT_A_TIME]
    if days:
        _discard_starting_at(ledger, [day.start for day in days])
        for part in ledger.parts:
            _count(actor, part, days, now)
        _store(actor, ledger, _as_rows(days))
    return len(missing) > len(days)


def discard_days(ledger: Ledger, starts: Collection[datetime | None]) -> None:
    """Discard the days that start at these times with their numbers, so that they are counted again.

    None stands for the time before the first day, which is then determined again. If another worker counts the ledger,
    wait for its transaction.
    """
    # Numbers that it stores can be deleted here without their day, which is then taken for one without rows.
    _lock(ledger, waits=True)
    _discard_starting_at(ledger, [start for start in starts if start is not None])
    if None in starts:
        _discard(ledger, lambda starts_at: starts_at == BEGINNING)


def _lock(ledger: Ledger, *, waits: bool) -> bool:
    """Take the lock that only one worker has per organization and ledger; return whether this transaction has it."""
    key = func.hashtextextended(f"rollup {ledger.name} {actor_of_the_whole().organization_id}", 0)
    if waits:
        db.session.execute(select(func.set_config("lock_timeout", _MAX_WAIT, True)))
        db.session.execute(select(func.pg_advisory_xact_lock(key)))
        return True
    return bool(db.session.scalar(select(func.pg_try_advisory_xact_lock(key))))


def _discard_all(ledger: Ledger) -> None:
    """Discard everything about a ledger, so that its numbers come from rows until they are counted again."""
    marks = ROLLUP_MARKS.c
    of_ledger = (marks.organization_id == actor_of_the_whole().organization_id, marks.ledger == ledger.name)
    db.session.execute(delete(ROLLUP_MARKS).where(*of_ledger))
    _discard(ledger, lambda _starts_at: true())


def _discard_starting_at(ledger: Ledger, starts: Collection[datetime]) -> None:
    _discard(ledger, lambda starts_at: starts_at.in_(starts))


def _discard(ledger: Ledger, chosen: Callable[[ColumnElement[datetime]], ColumnElement[bool]]) -> None:
    """Discard the days whose starts match the condition, with their numbers."""
    organization_id = actor_of_the_whole().organization_id
    days = ROLLUP_DAYS.c
    of_ledger = (days.organization_id == organization_id, days.ledger == ledger.name)
    db.session.execute(delete(ROLLUP_DAYS).where(*of_ledger, chosen(days.starts_at)))
    for table in (part.days for part in ledger.parts):
        numbers = table.c
        db.session.execute(delete(table).where(numbers.organization_id == organization_id, chosen(numbers.starts_at)))


def _discard_stale(actor: Actor, ledger: Ledger) -> None:
    """Delete the marks, and the stored days that they make stale.

    It is one statement, so it deletes exactly the marks that it has seen. If days of another time zone or of other
    definitions are stored, the whole ledger is discarded.
    """
    days = ROLLUP_DAYS.c
    of_ledger = (days.organization_id == actor.organization_id, days.ledger == ledger.name)
    is_of_before = or_(days.zone != actor.timezone, days.definitions != definitions_of(ledger))
    if db.session.scalar(select(exists().where(*of_ledger, is_of_before))):
        _discard_all(ledger)
        return
    stale = stale_hours(actor.organization_id, ledger)
    is_stale = func.tstzrange(days.starts_at, days.ends_at).bool_op("&&")(stale)
    marks = ROLLUP_MARKS.c
    seen = delete(ROLLUP_MARKS).where(marks.organization_id == actor.organization_id, marks.ledger == ledger.name)
    db.session.execute(delete(ROLLUP_DAYS).where(*of_ledger, is_stale).add_cte(seen.cte("seen")))


def _missing(actor: Actor, ledger: Ledger, now: datetime) -> Sequence[Span]:
    """Return the days without numbers, or with those of some of their hours only, the latest first.

    They are the days from that of the first row to yesterday, and the hours of today that are over.
    """
    zone = ZoneInfo(actor.timezone)
    today = now.astimezone(zone).date()
    first = _first_day(actor, ledger, zone, today)
    days = ROLLUP_DAYS.c
    stored = select(days.starts_at, days.ends_at).where(
        days.organization_id == actor.organization_id, days.ledger == ledger.name, days.starts_at != BEGINNING
    )
    known = {Span(*row) for row in db.session.execute(stored)}
    bounds = [midnight(first + timedelta(days=number), zone) for number in range((today - first).days + 1)]
    settled = (now - _SETTLED_AFTER).replace(minute=0, second=0, microsecond=0)
    if settled > bounds[-1]:
        bounds.append(settled)
    spans = [Span(*pair) for pair in pairwise(bounds)]
    if others := {span.start for span in known} - {span.start for span in spans}:
        # They are days by earlier rules of the time zone; what they share with others would count twice.
        _discard_starting_at(ledger, others)
    return [span for span in spans if span not in known][::-1]


def _first_day(actor: Actor, ledger: Ledger, zone: ZoneInfo, today: date) -> date:
    """Return the first day to store, which is that of the first row; store that nothing was before it.

    Days more than MAX_DAYS ago are never stored; periods that include them are counted from rows.
    """
    days = ROLLUP_DAYS.c
    beginning = select(days.ends_at).where(
        days.organization_id == actor.organization_id, days.ledger == ledger.name, days.starts_at == BEGINNING
    )
    end: datetime | None = db.session.scalar(beginning)
    if end is not None and end == midnight(end.astimezone(zone).date(), zone):
        return end.astimezone(zone).date()
    moment, model = ledger.parts[0].moment, ledger.parts[0].model
    earliest = unscoped(select(func.min(moment)), why="time of the organization's first row only")
    found = db.session.scalar(earliest.where(model.organization_id == actor.organization_id))
    first = min(found.astimezone(zone).date(), today) if found else today
    limit = today - timedelta(days=MAX_DAYS)
    if first < limit:
        return limit
    start = midnight(first, zone)
    # These days are never counted again, so numbers of deleted rows would stay.
    _discard(ledger, lambda starts_at: starts_at < start)
    before = select(BEGINNING.label("starts_at"), literal(start).label("ends_at"))
    _store(actor, ledger, before.subquery("before"))
    return first


def _count(actor: Actor, part: Part, days: Sequence[Span], now: datetime) -> None:
    """Count the rows of these days, of which nothing is stored."""
    counted = counted_of_spans(Question(actor, now, part.credit), part, _as_rows(days)).subquery("counted").c
    rows = unscoped(select(literal(actor.organization_id), *counted), why="all rows of the organization count")
    db.session.execute(insert(part.days).from_select(["organization_id", *counted.keys()], rows))


def _store(actor: Actor, ledger: Ledger, days: FromClause) -> None:
    """Store that these days are counted, up to these times: the columns `starts_at` and `ends_at`."""
    rows = unscoped(
        select(
            literal(actor.organization_id).label("organization_id"),
            literal(ledger.name).label("ledger"),
            literal(actor.timezone).label("zone"),
            literal(definitions_of(ledger)).label("definitions"),
            days.c.starts_at,
            days.c.ends_at,
        ),
        why="times only, which are given",
    )
    db.session.execute(insert(ROLLUP_DAYS).from_select([column.name for column in rows.selected_columns], rows))


def _as_rows(days: Sequence[Span]) -> TableValuedAlias:
    begins, ends = ([getattr(day, name) for day in days] for name in ("start", "end"))
    bounds = func.unnest(bindparam("begins", begins, _MOMENTS), bindparam("ends", ends, _MOMENTS))
    return bounds.table_valued("starts_at", "ends_at", name="day").render_derived()
