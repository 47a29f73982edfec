"""Email to a person about a sign-in on a device, or with an API client, that they haven't used lately."""

from datetime import UTC, datetime
from hashlib import sha256
from zoneinfo import ZoneInfo

from app.db.context import current_context
from app.db.transaction import translated_integrity_errors
from app.errors import Conflict
from app.extensions import db
from app.messaging.outbox.mails import Mail
from app.messaging.outbox.service import queue_mail
from app.models import Organization, User
from app.people.sign_in.client_queries import has_used_client
from app.people.sign_in.known_device_service import is_known_to
from app.people.sign_in.queries import is_platform_staff, list_earlier_sign_ins
from app.people.sign_in.rules import FAMILIAR_FOR, network_of
from app.security.devices import browser_of


def warn_of_new_device(user: User) -> None:
    """Email `user`, who is signing in, if this browser is unfamiliar.

    It is familiar if they have signed in with it before, or lately with one like it in the same network. At most one
    email is sent per day of their organization, and none about their first sign-in or to platform staff. Call it before
    the session and the attempt are stored.
    """
    if not (is_known_to(user) or _is_familiar(user) or is_platform_staff(user)):
        _warn(user, "", is_client=False)


def warn_of_new_client(user: User, client_id: str) -> None:
    """Email `user`, who is signing in, if they have not signed in with this API client lately.

    At most one email is sent per client and day, and none about their first sign-in or to platform staff. Call it
    before the session is stored.
    """
    is_first = user.last_seen_at is None
    if not (is_first or has_used_client(user, client_id) or is_platform_staff(user)):
        _warn(user, f":{sha256(client_id.encode()).hexdigest()[:16]}", is_client=True)


def _warn(user: User, source: str, *, is_client: bool) -> None:
    organization = db.session.get_one(Organization, user.organization_id)
    today = datetime.now(ZoneInfo(organization.timezone)).date()
    try:
        with translated_integrity_errors():
            queue_mail(Mail.NEW_DEVICE, user, dedupe_key=f"new_device:{user.id}:{today}{source}", is_client=is_client)
    except Conflict:
        return  # they were told today


def _is_familiar(user: User) -> bool:
    """Return whether the person lately had a session in this browser and network, or has never had any."""
    context = current_context()
    network = None if context.ip_address is None else str(network_of(context.ip_address))
    earlier = list_earlier_sign_ins(user, network, datetime.now(UTC) - FAMILIAR_FOR)
    if not earlier:
        return user.last_seen_at is None
    browser = browser_of(context.user_agent)
    return any(one.is_near and browser_of(one.user_agent) == browser for one in earlier)
