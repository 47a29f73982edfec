"""The content of a report's email: the numbers of its page as rows of text, for HTML and plain text."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask_babel import get_locale
from flask_babel import gettext as _

from app.insight.dashboards.caveat_page import caveat_words
from app.insight.dashboards.tiles_page import shown
from app.insight.metrics import csr_definitions as csr
from app.insight.metrics import rep_definitions as rep
from app.insight.metrics.csr_queries import METRICS as CSR_METRICS
from app.insight.metrics.metric import Metric
from app.insight.metrics.numbers import Number
from app.insight.metrics.people_queries import PersonNumbers
from app.insight.metrics.question_queries import missing_reads_of_all
from app.insight.metrics.rep_queries import METRICS as REP_METRICS
from app.insight.reports.chosen_page import ViewNumbers
from app.insight.reports.page import PartNumbers, report_numbers
from app.insight.reports.queries import WEEKS
from app.insight.reports.stored import of_store
from app.models import Report
from app.security.actor import Actor
from app.web import formatting

#: Number of people of a view that an email shows.
MAX_PEOPLE_PER_VIEW = 50
#: The numbers drawn week by week, with the part of the report that holds each.
_DRAWN = ((csr.BOOKING_RATE, "csr", CSR_METRICS), (rep.REVENUE_WON, "sales", REP_METRICS))


@dataclass(frozen=True, slots=True)
class MailLine:
    """One number, of everyone or of one person: its label, its value, and its value in the week before.

    `caveat` is what to know beside the number.
    """

    metric: str
    label: str
    value: str
    before: str
    caveat: str | None = None


@dataclass(frozen=True, slots=True)
class MailPerson:
    """The numbers of one person, or of rows credited to no one."""

    name: str
    lines: Sequence[MailLine]


@dataclass(frozen=True, slots=True)
class MailPart:
    """The numbers of one of the performance pages in a week."""

    key: str
    title: str
    lines: Sequence[MailLine]
    heads: Sequence[str]
    people: Sequence[MailPerson]
    #: Sentences about numbers that are withheld from the reader.
    withheld: Sequence[str]


@dataclass(frozen=True, slots=True)
class MailView:
    """A saved team view in a week: its absolute address, and the numbers of everyone and of each person.

    People are in the view's order; `more` is the number of those who don't fit in the email.
    """

    name: str
    address: str
    lines: Sequence[MailLine]
    heads: Sequence[str]
    people: Sequence[MailPerson]
    more: int
    withheld: Sequence[str]


@dataclass(frozen=True, slots=True)
class MailSeries:
    """A number week by week, the oldest first.

    `values` are for the chart, None for an unknown week; `texts` are the same values as text.
    """

    name: str
    label: str
    values: Sequence[float | None]
    texts: Sequence[str]


@dataclass(frozen=True, slots=True)
class ReportMail:
    """The template context of a report's email; `weeks` has the days of each week in the series, as text."""

    days: str
    parts: Sequence[MailPart]
    weeks: Sequence[str]
    series: Sequence[MailSeries]


def report_mail(actor: Actor, report: Report, before: Sequence[Report]) -> ReportMail:
    """Build the content of the email in the current locale.

    `before` are the reports of the last weeks, including this one. Runs one statement.
    """
    monday, found = report.first_day, {one.first_day: one for one in before}
    oldest = min((one.first_day for one in before), default=monday)
    firsts = [day for ago in range(WEEKS - 1, -1, -1) if (day := monday - timedelta(weeks=ago)) >= oldest]
    return ReportMail(
        _days(report),
        [_part(one) for one in report_numbers(actor, report)],
        [formatting.date_span(day, day + timedelta(days=6), get_locale()) for day in firsts],
        list(_series(actor, [found.get(day) for day in firsts])) if len(found) > 1 else [],
    )


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows as lines of text, the first column left-aligned, the others right-aligned."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]).rstrip() for row in rows]


def mail_view(view: ViewNumbers, address: str) -> MailView:
    """Return a view as email content in the current locale; `address` is that of its page for the week."""
    together, people = view.team.together, view.team.people
    return MailView(
        view.name,
        address,
        [_line(one, together[one.name]) for one in view.headlines],
        [str(one.label) for one in view.shown],
        [_of_person(view.shown, str(view.unassigned_label), one) for one in people[:MAX_PEOPLE_PER_VIEW]],
        max(0, len(people) - MAX_PEOPLE_PER_VIEW),
        view.withheld,
    )


def _days(report: Report) -> str:
    return formatting.date_span(report.first_day, report.last_day, get_locale())


def _part(part: PartNumbers) -> MailPart:
    together = part.team.together
    return MailPart(
        part.key,
        part.title,
        [_line(one, together[one.name]) for one in part.headlines if one.name in together],
        [str(one.label) for one in part.shown],
        [_of_person(part.shown, str(part.unassigned_label), one) for one in part.team.people],
        part.withheld,
    )


def _of_person(shown: Sequence[Metric], nobody: str, one: PersonNumbers) -> MailPerson:
    name = one.name if one.id else nobody
    return MailPerson(name or "", [_line(metric, one.numbers.get(metric.name)) for metric in shown])


def _line(metric: Metric, number: Number | None) -> MailLine:
    before = number.before if number is not None else None
    return MailLine(
        metric.name,
        str(metric.label),
        shown(number.current.exact if number is not None else None, metric.unit),
        shown(before.exact if before is not None else None, metric.unit),
        caveat_words(number.current) if number is not None else None,
    )


def _series(actor: Actor, reports: Sequence[Report | None]) -> Iterator[MailSeries]:
    for metric, part, metrics in _DRAWN:
        if missing_reads_of_all(actor, (metric,)):
            continue  # the part says so
        numbers = [
            of_store(metrics, one.numbers[part]["together"]).get(metric.name) if one is not None else None
            for one in reports
        ]
        yield MailSeries(
            metric.name,
            str(metric.label),
            [_value(one) for one in numbers],
            [_number_text(one, metric) for one in numbers],
        )


def _value(number: Number | None) -> float | None:
    exact = number.current.exact if number is not None else None
    return None if exact is None else float(exact)


def _number_text(number: Number | None, metric: Metric) -> str:
    return shown(number.current.exact, metric.unit) if number is not None else _("no report")
