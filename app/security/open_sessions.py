"""Conditions for sessions that can still be used; those of API clients outlast their access tokens."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_

from app.models import UserSession
from app.security.session_rules import IDLE_LIFETIME, MAX_LIFETIME

_IS_CLIENT = UserSession.client_id.is_not(None)


def is_open(now: datetime) -> ColumnElement[bool]:
    """Return the condition for sessions that have neither been ended nor expired, idle or not.

    An API client can refresh its session until its refresh token expires, MAX_LIFETIME after it signed in.
    """
    is_refreshable = and_(_IS_CLIENT, UserSession.created_at > now - MAX_LIFETIME)
    return and_(UserSession.revoked_at.is_(None), or_(UserSession.expires_at > now, is_refreshable))


def is_usable(now: datetime) -> ColumnElement[bool]:
    """Return the condition for open sessions that have not been idle for too long, which only browsers can be."""
    return and_(is_open(now), or_(_IS_CLIENT, UserSession.last_seen_at > now - IDLE_LIFETIME))
