"""The columns of the table of sales reps."""

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from app.insight.dashboards.people_page import Column, Columns, change, column
from app.insight.metrics import rep_definitions as d

REP_COLUMNS = Columns(
    _l("Sales reps"),
    _l("Sales reps and their numbers"),
    (
        column("completed", lazy_pgettext("numbers", "Completed"), d.VISITS_COMPLETED, "p2"),
        column("won", lazy_pgettext("numbers", "Won"), d.VISITS_WON, "p2"),
        column("lost", lazy_pgettext("numbers", "Lost"), d.VISITS_LOST, "p3"),
        column("winRate", d.WIN_RATE.label, d.WIN_RATE, ""),
        Column("change", lazy_pgettext("numbers", "Change"), change(d.WIN_RATE), "p2"),
        column("average", d.AVERAGE_DEAL.label, d.AVERAGE_DEAL, "p3"),
        column("revenue", lazy_pgettext("numbers", "Revenue"), d.REVENUE_WON, "p1"),
        column("pending", d.PENDING_LEADS_BY_REP.label, d.PENDING_LEADS_BY_REP, "p3"),
        column("grade", d.PROCESS_GRADE.label, d.PROCESS_GRADE, "p3"),
    ),
    first="-revenue",
    rate=d.WIN_RATE,
    endpoint_of_person="dashboards.exec_sales",
)
