"""Queries for the saved views chosen for a user's weekly report."""

from collections.abc import Sequence

from sqlalchemy import and_, func

from app.declarations.viewed import Viewed
from app.extensions import db
from app.lists.choices import Choice
from app.models import ReportView, SavedView
from app.security.actor import Actor
from app.security.scope import visible

_MAX_CHOICES = 200


def list_offered(actor: Actor, page: Viewed) -> list[Choice]:
    """Return the saved views of `page` that `actor` can choose, sorted by name."""
    if not (actor.may(page.permission) and page.keeps_views_of(actor)):
        return []
    views = visible(SavedView, actor).where(SavedView.page == page.name)
    in_order = views.order_by(func.lower(SavedView.name), SavedView.id).limit(_MAX_CHOICES)
    return [Choice(view.id, view.name) for view in db.session.scalars(in_order)]


def list_chosen(actor: Actor) -> Sequence[ReportView]:
    """Return the choices of `actor` in the order of the email, including views they can no longer use."""
    return db.session.scalars(visible(ReportView, actor).order_by(ReportView.position)).all()


def list_chosen_views(actor: Actor, page: Viewed) -> Sequence[SavedView]:
    """Return the chosen views that `actor` can still use, in the order of the email."""
    if not (actor.may(page.permission) and page.keeps_views_of(actor)):
        return []
    chosen = and_(
        ReportView.organization_id == actor.organization_id,
        ReportView.user_id == actor.user_id,
        ReportView.saved_view_id == SavedView.id,
    )
    views = visible(SavedView, actor).join(ReportView, chosen).where(SavedView.page == page.name)
    return db.session.scalars(views.order_by(ReportView.position)).all()
