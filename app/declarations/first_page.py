"""The start page of a user."""

from flask import current_app, url_for
from werkzeug.exceptions import HTTPException

from app.declarations.navigation import navigation_for
from app.security.actor import Actor
from app.security.permissions import Permission, Role

_FIRST_PAGE = {
    Role.CSR: "/my-day",
    Role.SALES_REP: "/rep",
    Role.SUPPORT: "/audit",
    Role.MANAGER: "/exec/csr",
    Role.EXEC: "/exec/csr",
    Role.ADMIN: "/organization",
    Role.OWNER: "/organization",
}


def start_pages(actor: Actor) -> dict[str, str]:
    """Return the pages that `actor` can choose to start on, as labels by path: those of the sidebar."""
    return {item.href: item.label for group in navigation_for(actor) for item in group.items}


def first_page(actor: Actor, chosen: str | None = None) -> str:
    """Return the path of the page `chosen`, if `actor` can open it; otherwise that of their role.

    That is the first of these that exists: the role's page, the CSR dashboard, the calls. The CSR dashboard counts only
    if the actor can open it. If none of the pages exists, the path is that of the sign-in page. Platform staff in their
    own organization start at the list of organizations.
    """
    if chosen is not None and chosen in start_pages(actor):
        return chosen
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
