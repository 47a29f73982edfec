"""Email to a person about a sign-in on a device, or with an API client, that they haven't used lately."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from app.db.context import current_context
from app.db.transaction import translated_integrity_errors
from app.errors import Conflict
from app.extensions import db
from app.messaging.outbox.mails import Mail
from app.messaging.outbox.queries import count_with_keys
from app.messaging.outbox.service import queue_mail
from app.models import Organization, User
from app.people.sign_in.client_queries import has_used_client
from app.people.sign_in.known_device_service import is_known_to
from app.people.sign_in.queries import is_platform_staff, list_earlier_sign_ins
from app.people.sign_in.rules import CLIENT_MAILS_A_DAY, FAMILIAR_FOR, network_of
from app.security.devices import browser_of


def warn_of_new_device(user: User) -> None:
    """Email `user`, who is signing in, if this browser is unfamiliar.

    It is familiar if they have signed in with it before, or lately with one like it in the same network. At most one
    email is sent per day of their organization, and none about their first sign-in or to platform staff. Call it before
    the session and the attempt are stored.
    """
    if not (is_known_to(user) or _is_familiar(user) or is_platform_staff(user)):
        _warn(user, _key_of_today(user), is_client=False)


def warn_of_new_client(user: User, client_id: str) -> None:
    """Email `user`, who is signing in, if they have not signed in with this API client lately.

    At most four emails are sent per day of their organization, of which the last says so, and none about their first
    sign-in or to platform staff. Call it with `user` locked, and before the session is stored.
    """
    if user.last_seen_at is None or has_used_client(user, client_id) or is_platform_staff(user):
        return
    today = _key_of_today(user)
    sent = count_with_keys(user.organization_id, [f"{today}:{number}" for number in range(1, CLIENT_MAILS_A_DAY + 1)])
    if sent < CLIENT_MAILS_A_DAY:
        _warn(user, f"{today}:{sent + 1}", is_client=True, is_last=sent + 1 == CLIENT_MAILS_A_DAY)


def _key_of_today(user: User) -> str:
    organization = db.session.get_one(Organization, user.organization_id)
    return f"new_device:{user.id}:{datetime.now(ZoneInfo(organization.timezone)).date()}"


def _warn(user: User, dedupe_key: str, *, is_client: bool, is_last: bool = False) -> None:
    try:
        with translated_integrity_errors():
            queue_mail(Mail.NEW_DEVICE, user, dedupe_key=dedupe_key, is_client=is_client, is_last=is_last)
    except Conflict:
        return  # they were emailed today


def _is_familiar(user: User) -> bool:
    """Return whether the person lately had a session in this browser and network, or has never had any."""
    context = current_context()
    network = None if context.ip_address is None else str(network_of(context.ip_address))
    earlier = list_earlier_sign_ins(user, network, datetime.now(UTC) - FAMILIAR_FOR)
    if not earlier:
        return user.last_seen_at is None
    browser = browser_of(context.user_agent)
    return any(one.is_near and browser_of(one.user_agent) == browser for one in earlier)
