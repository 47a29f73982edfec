"""Declaration of reports: labels, fields, list and who can see them."""

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app.declarations.field import Column, Field, FileColumn, Moment, Priority
from app.declarations.listed import Listed
from app.declarations.resource import Resource, Words
from app.declarations.stored import entered_on_page, not_entered
from app.insight.reports.filters import ReportFilters
from app.insight.reports.queries import SORTS, report_list
from app.models import Report, ReportSubscription, ReportView
from app.security import own_rows
from app.security.permissions import Permission
from app.security.scope import Scope

REPORT_LIST = Listed(
    name="reports",
    label=_l("Reports"),
    endpoint="reports.index",
    permission=Permission.REPORTS_READ,
    filters=ReportFilters,
    query=report_list,
    sorts=SORTS,
    keeps_views=False,
)

REPORT = Resource(
    name="report",
    model=Report,
    words=Words(
        _l("report"),
        _l("reports"),
        lambda n, count: ngettext("%(count)s report", "%(count)s reports", n, count=count),
    ),
    icon="scroll-text",
    page=("reports.show", "report_id"),
    page_permission=Permission.REPORTS_READ,
    scope=Scope((Permission.REPORTS_READ,), own_rows.nothing),
    is_audited=False,
    listed=REPORT_LIST,
    stored=(not_entered("The job that computes the report writes it.", "kind", "first_day", "last_day", "numbers"),),
    fields=(
        Field("week", _l("Week"), column=Column(is_fixed=True), shows="first_day", sort="week", recorded=()),
        Field("created_at", _l("Created"), Moment(), Column(Priority.WIDE), file=FileColumn()),
    ),
)

REPORT_SUBSCRIPTION = Resource(
    name="report_subscription",
    model=ReportSubscription,
    words=Words(_l("report subscription"), _l("report subscriptions")),
    icon="mail",
    scope=Scope((Permission.REPORTS_MANAGE,), own_rows.nothing),
    stored=(
        not_entered("A person subscribes for themselves.", "user_id"),
        entered_on_page("kind", "channel", "is_on"),
    ),
)

REPORT_VIEW = Resource(
    name="report_view",
    model=ReportView,
    words=Words(_l("report view"), _l("report views")),
    icon="mail",
    scope=Scope((), own_rows.report_views, own_is_free=True),
    stored=(
        not_entered("A person adds a saved view to their own report.", "user_id"),
        entered_on_page("saved_view_id", "position"),
    ),
)
