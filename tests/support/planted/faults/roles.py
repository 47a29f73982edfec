"""Faults that cause an error on a page for one role, or that require another role's permission."""

from app.models import Role
from tests.support.planted.fault import Fault, Kind
from tests.support.planted.faults.names import ORIENTATION, walk_of

ROLES: tuple[Fault, ...] = (
    Fault(
        name="billing-shows-costs-to-support",
        kind=Kind.ROLE_500,
        path="templates/organization/billing/show.html",
        old='{% if page.costs %}{% include "organization/billing/_costs.html" %}{% endif %}',
        new='{% include "organization/billing/_costs.html" %}',
        tests=walk_of(Role.SUPPORT),
    ),
    Fault(
        name="no-first-page-for-executives",
        kind=Kind.ROLE_500,
        path="app/declarations/first_page.py",
        old='    Role.EXEC: "/exec/csr",\n',
        new="",
        tests=walk_of(Role.EXEC),
    ),
    Fault(
        name="day-of-a-rep-expects-all-team-ratios",
        kind=Kind.ROLE_500,
        path="app/insight/dashboards/rep_page.py",
        old="            for one in TILES\n            if one.name in ratios\n",
        new="            for one in TILES\n",
        tests=walk_of(Role.SALES_REP),
    ),
    Fault(
        name="trash-of-a-manager-has-no-deleters",
        kind=Kind.ROLE_500,
        path="app/trust/trash/list_queries.py",
        old="    if not actor.sees_all(Permission.TRASH_READ):\n        return []\n",
        new="    if not actor.sees_all(Permission.TRASH_READ):\n        return None\n",
        tests=walk_of(Role.MANAGER),
    ),
    Fault(
        name="report-views-need-to-manage-reports",
        kind=Kind.PERMISSION,
        path="app/insight/reports/chosen_views.py",
        old='    """Show the form with the views that the user can choose, the current choice selected."""\n',
        new='    """Show the form with the views that the user can choose, the current choice selected."""\n'
        "    current_actor().requires(Permission.REPORTS_MANAGE)\n",
        tests=walk_of(Role.MANAGER),
    ),
    Fault(
        name="place-of-phone-numbers-needs-to-write-them",
        kind=Kind.PERMISSION,
        path="app/work/phone_numbers/resource.py",
        old="permission=Permission.PHONE_NUMBERS_READ,\n    filters",
        new="permission=Permission.PHONE_NUMBERS_WRITE,\n    filters",
        tests=ORIENTATION,
    ),
    Fault(
        name="knowledge-list-needs-to-write-knowledge",
        kind=Kind.PERMISSION,
        path="app/work/knowledge/views.py",
        old='@knowledge.get("/knowledge")\n@requires(Permission.KNOWLEDGE_READ)\n',
        new='@knowledge.get("/knowledge")\n@requires(Permission.KNOWLEDGE_WRITE)\n',
        tests=("tests/work/knowledge", *walk_of(Role.CSR)),
    ),
    Fault(
        name="funnel-of-missed-calls-is-for-executives",
        kind=Kind.PERMISSION,
        path="app/insight/dashboards/views.py",
        old="    board = funnel_board(current_actor(), FunnelFilters.parse(given_parameters()))\n",
        new="    current_actor().requires(Permission.DASHBOARDS_EXEC)\n"
        "    board = funnel_board(current_actor(), FunnelFilters.parse(given_parameters()))\n",
        tests=walk_of(Role.CSR),
    ),
)
