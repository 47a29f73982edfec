"""Views of the system page for administrators."""

from flask import Blueprint, render_template

from app.db.slow_statements import slow_statements
from app.ops.system.deprecated_queries import list_deprecated_calls
from app.ops.system.fact_queries import system_facts
from app.ops.system.refusals_page import refusal_lines
from app.sandbox.runner import UNFILTERED
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.web.maintenance import maintenance_window
from app.web.proxies import came_by_unknown_proxy

system = Blueprint("system", __name__)


@system.get("/system")
@requires(Permission.SYSTEM_READ)
def show() -> str:
    """Show versions, checks, queue, connections, disk, refusals and slow statements, as of now."""
    return render_template(
        "ops/system/show.html",
        facts=system_facts(),
        maintenance=maintenance_window(),
        slow=slow_statements(),
        refusals=refusal_lines(current_actor()),
        deprecated=list_deprecated_calls(current_actor()),
        came_by_unknown_proxy=came_by_unknown_proxy(),
        unfiltered=UNFILTERED,
    )
