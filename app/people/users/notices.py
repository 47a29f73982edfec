"""Notices to people about their own account."""

from flask_babel import lazy_gettext as _l

from app.declarations.notice import Notice, Way

#: The person's own account page.
ACCOUNT = "/account"

ACCESS_CHANGED = Notice(
    kind="access_changed",
    label=_l("My role and permissions"),
    hint=_l("When they change, or when your account’s suspension starts or ends"),
    icon="key-round",
    tone="warn",
    # Suspended people can't read pages, so they get a mail.
    ways=frozenset({Way.PAGE, Way.MAIL}),
    mails_suspended_people=True,
)
