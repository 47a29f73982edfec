"""`/` leads everybody to the page that their day begins with."""

from flask import Response, current_app, url_for
from werkzeug.exceptions import HTTPException

from app.insight.dashboards.views import dashboards
from app.security.actor import Actor, current_actor
from app.security.guard import signed_in
from app.security.permissions import Permission, Role
from app.web.htmx import redirect

_FIRST_PAGE = {
    Role.CSR: "/csr",
    Role.SALES_REP: "/rep",
    Role.SUPPORT: "/audit",
    Role.MANAGER: "/exec/csr",
    Role.EXEC: "/exec/csr",
    Role.ADMIN: "/organization",
    Role.OWNER: "/organization",
}


@dashboards.get("/")
@signed_in
def home() -> Response:
    """Go on to the first page of this person's role."""
    return redirect(_first_page(current_actor()))


def _first_page(actor: Actor) -> str:
    """That of the role; while there is none yet, the CSR dashboard where it is allowed, else the calls."""
    dashboard = ["/csr"] if actor.may(Permission.DASHBOARDS_CSR) else []
    pages = [_FIRST_PAGE[actor.role], *dashboard, "/calls"]
    return next((page for page in pages if _exists(page)), url_for("sign_in.show"))


def _exists(path: str) -> bool:
    try:
        current_app.url_map.bind("").match(path, method="GET")
    except HTTPException:
        return False
    return True
