"""The start page of a user."""

from flask import current_app, url_for
from werkzeug.exceptions import HTTPException

from app.security.actor import Actor
from app.security.permissions import Permission, Role

_FIRST_PAGE = {
    Role.CSR: "/csr",
    Role.SALES_REP: "/rep",
    Role.SUPPORT: "/audit",
    Role.MANAGER: "/exec/csr",
    Role.EXEC: "/exec/csr",
    Role.ADMIN: "/organization",
    Role.OWNER: "/organization",
}


def first_page(actor: Actor) -> str:
    """Return the path of the first of these pages that exists: the role's, the CSR dashboard, the calls.

    The CSR dashboard counts only if the actor can open it. If none of the pages exists, the path is that of the sign-in
    page. Platform staff in their own organization start at the list of organizations.
    """
    if actor.home is None and actor.may(Permission.ORGANIZATIONS_ENTER):
        return "/organizations"
    dashboard = ["/csr"] if actor.may(Permission.DASHBOARDS_CSR) else []
    pages = [_FIRST_PAGE[actor.role], *dashboard, "/calls"]
    return next((page for page in pages if _exists(page)), url_for("sign_in.show"))


def _exists(path: str) -> bool:
    try:
        current_app.url_map.bind("").match(path, method="GET")
    except HTTPException:
        return False
    return True
