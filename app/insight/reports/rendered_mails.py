"""The email of a report, built from the stored report in the job that sends it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import chain
from uuid import UUID

import structlog
from flask import render_template
from flask_babel import force_locale
from resvg_py import svg_to_bytes

from app.declarations.rendered_mail import AttachedFile, MailKind, Picture, RenderedMail
from app.errors import NotFound
from app.insight.reports.chosen_page import ViewNumbers, view_numbers
from app.insight.reports.mail_page import MailSeries, ReportMail, aligned, mail_view, report_mail
from app.insight.reports.notices import REPORT_READY
from app.insight.reports.page import missing_reads_of_report, report_file
from app.insight.reports.picture_rules import bars
from app.insight.reports.queries import get_report, list_weeks
from app.lists.csv import csv_chunks
from app.messaging.notifications.unsubscribe_service import unsubscribe_address
from app.messaging.outbox.link_service import public_address
from app.messaging.outbox.mails import Mail, foot_of
from app.models import Report
from app.security.actor import Actor
from app.security.permissions import Permission
from app.tenancy.actor_queries import find_person

_log = structlog.get_logger("switchboard.reports")


def make_report_mail(reader_id: UUID, report_id: UUID) -> RenderedMail | None:
    """Build the email of a report in its reader's language.

    Returns None if the reader can no longer read reports, if the report is gone, or if the organization is not active.
    The organization is that of the context.
    """
    person = find_person(reader_id)
    if person is None or not person.is_organization_active or not person.actor.may(Permission.REPORTS_READ):
        return None
    try:
        report = get_report(person.actor, report_id)
    except NotFound:
        return None
    with force_locale(person.actor.language):
        return _made(person.actor, report)


def _made(actor: Actor, report: Report) -> RenderedMail:
    mail = report_mail(actor, report, list_weeks(actor, report))
    views, left_out = view_numbers(actor, report, datetime.now(UTC))
    pictures = _pictures(mail.series)
    files = () if missing_reads_of_report(actor) else (_file(actor, report, views),)
    unsubscribe = unsubscribe_address(REPORT_READY, actor.organization_id, actor.user_id)
    values = {
        "unsubscribe": unsubscribe,
        "mail": mail,
        "views": [mail_view(one, public_address(one.endpoint, **one.parameters)) for one in views],
        "left_out": left_out,
        "has_file": bool(files),
        "reader": actor,
        "language": actor.language,
        "drawn": {one.name for one in pictures},
        "address": public_address("reports.show", report_id=str(report.id)),
        "choices": public_address("notifications.index") + "#kinds",
        "foot": foot_of(Mail.WEEKLY_REPORT, actor.organization_name),
    }
    return RenderedMail(
        text=render_template("insight/reports/mail.txt", aligned=aligned, weeks=_weeks(mail), **values).strip() + "\n",
        html=render_template("insight/reports/mail.html", **values),
        pictures=tuple(pictures),
        files=files,
        unsubscribe=unsubscribe,
    )


def _weeks(mail: ReportMail) -> list[list[str]]:
    """Return the weeks as rows of a table: the days, then each number."""
    return [[days, *(one.texts[at] for one in mail.series)] for at, days in enumerate(mail.weeks)]


def _file(actor: Actor, report: Report, views: Sequence[ViewNumbers]) -> AttachedFile:
    file = report_file(actor, report)
    lines = chain(file.lines, *(one.lines() for one in views))
    return AttachedFile(f"{file.name}.csv", "text/csv", "".join(csv_chunks(file.header, lines)).encode())


def _pictures(series: Sequence[MailSeries]) -> list[Picture]:
    """Return the charts that can be drawn.

    The numbers are also given as text, so an email without a chart lacks no information.
    """
    found = []
    for one in series:
        drawing = bars(one.values)
        if drawing is None:
            continue
        try:
            # Fonts aren't loaded: the chart has no text. Twice the size, for high-density screens.
            picture = svg_to_bytes(svg_string=drawing, skip_system_fonts=True, zoom=2)
        except ValueError as error:
            _log.warning("picture not drawn", number=one.name, error=str(error))
            continue
        found.append(Picture(one.name, picture))
    return found


WEEKLY_REPORT = MailKind(Mail.WEEKLY_REPORT, make_report_mail)
