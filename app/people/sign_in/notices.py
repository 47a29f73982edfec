"""Notices to people about the security of their own account."""

from flask_babel import lazy_gettext as _l

from app.declarations.notice import Notice, Way

#: Sent by every channel and can't be turned off, because someone else may have a copy of the token.
TOKEN_REUSED = Notice(
    kind="token_reused",
    label=_l("Reused refresh tokens"),
    hint=_l("When a program’s refresh token is used a second time. You always get the email."),
    icon="shield-alert",
    tone="warn",
    ways=frozenset({Way.PAGE, Way.MAIL}),
    offered=(),
    notifies_actor=True,
)
