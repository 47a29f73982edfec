"""The rule for reading the link in another person's email, which grants access as its recipient."""

from app.messaging.outbox.mails import Mail
from app.security.actor import Actor
from app.security.permissions import Permission, Role
from app.security.rank_rules import may_give, outranks


def may_read_link(actor: Actor, template: str | None, receiver_role: Role | None) -> bool:
    """Return whether `actor` can see the link of an email that has not been sent.

    That requires a permission of its own. A link that opens an account is only for roles above its owner's: a peer
    using it would act under another name. An invitation doesn't open an existing account, so everyone who could send it
    can see it. Platform staff can see neither, and no API key has the permission.
    """
    if actor.home is not None or receiver_role is None or not actor.may(Permission.OUTBOX_READ_LINKS):
        return False
    if template == Mail.INVITATION:
        return actor.may(Permission.USERS_INVITE) and may_give(actor.role, receiver_role)
    return outranks(actor.role, receiver_role)
