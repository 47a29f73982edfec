"""What people are told about their own account."""

from flask_babel import lazy_gettext as _l

from app.declarations.notice import Notice, Way

#: The page of one's own account.
ACCOUNT = "/account"

ACCESS_CHANGED = Notice(
    kind="access_changed",
    label=_l("My role and rights"),
    hint=_l("Changed, suspended or let back"),
    icon="key-round",
    tone="warn",
    # Whoever is kept out reads no page.
    ways=frozenset({Way.PAGE, Way.MAIL}),
    mails_who_is_kept_out=True,
)
