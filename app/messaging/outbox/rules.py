"""Who may read the link in somebody else's mail: whoever has it is its receiver to the rest of the product."""

from app.messaging.outbox.mails import Mail
from app.security.actor import Actor
from app.security.permissions import Permission, Role
from app.security.rank_rules import may_give


def may_read_link(actor: Actor, template: str | None, receiver_role: Role | None) -> bool:
    """Whether `actor` may see the link of a mail that could not be sent.

    One that opens an account is for those above its owner alone: a peer who used it would act under another's name. An
    invitation opens nobody's account, so whoever could give it may see it. The platform's people see neither.
    """
    if actor.home is not None or receiver_role is None or not actor.may(Permission.OUTBOX_READ):
        return False
    if template == Mail.INVITATION:
        return actor.may(Permission.USERS_INVITE) and may_give(actor.role, receiver_role)
    return receiver_role.rank < actor.role.rank
