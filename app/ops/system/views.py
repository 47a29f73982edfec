"""The system page, for those who look after the installation."""

from flask import Blueprint, render_template

from app.db.slow_statements import slow_statements
from app.ops.system.fact_queries import system_facts
from app.security.guard import requires
from app.security.permissions import Permission
from app.web.maintenance import maintenance_window
from app.web.proxies import came_by_unknown_proxy

system = Blueprint("system", __name__)


@system.get("/system")
@requires(Permission.SYSTEM_READ)
def show() -> str:
    """Versions, checks, queue, connections, disk and slow statements, as they stand now."""
    return render_template(
        "ops/system/show.html",
        facts=system_facts(),
        maintenance=maintenance_window(),
        slow=slow_statements(),
        came_by_unknown_proxy=came_by_unknown_proxy(),
    )
