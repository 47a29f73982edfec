"""The kinds of email, each with a subject and with a template under templates/messaging/mail.

Some contain a link that is only for their reader.
"""

from enum import StrEnum

from flask_babel import lazy_gettext as _l

from app.errors import LazyText

#: Placeholder for the link in the stored text: people who read it, in the app or in a backup, can't follow it.
LINK_PLACE = "{link}"


class Mail(StrEnum):
    """Kind of email, named like its template and stored with each message."""

    PASSWORD_RESET = "password_reset"  # noqa: S105 - a name, not a password
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a name, not a password
    PASSWORD_LINK = "password_link"  # noqa: S105 - a name, not a password
    SECOND_FACTOR_RESET = "second_factor_reset"
    SECOND_FACTOR_REMINDER = "second_factor_reminder"
    ADDRESS_CHANGED = "address_changed"
    NEW_DEVICE = "new_device"
    INVITATION = "invitation"
    WELCOME = "welcome"
    SECURITY_ALERT = "security_alert"
    RETENTION_SHORTENED = "retention_shortened"
    NOTIFICATION = "notification"
    DIGEST = "digest"
    WEEKLY_REPORT = "weekly_report"


#: Subjects must not reveal anything on a locked phone.
SUBJECTS: dict[Mail, LazyText] = {
    Mail.PASSWORD_RESET: _l("Reset your Switchboard password"),
    Mail.PASSWORD_CHANGED: _l("Your Switchboard password was changed"),
    Mail.PASSWORD_LINK: _l("Set a new Switchboard password"),
    Mail.SECOND_FACTOR_RESET: _l("Two-factor authentication for Switchboard was reset"),
    Mail.SECOND_FACTOR_REMINDER: _l("Set up two-factor authentication for Switchboard"),
    Mail.ADDRESS_CHANGED: _l("The email address of your Switchboard account was changed"),
    Mail.NEW_DEVICE: _l("New sign-in to your Switchboard account"),
    Mail.INVITATION: _l("You’re invited to Switchboard"),
    Mail.WELCOME: _l("Your organization is set up in Switchboard"),
    Mail.SECURITY_ALERT: _l("Security alert from Switchboard"),
    Mail.RETENTION_SHORTENED: _l("Your organization will soon keep records for a shorter time"),
    Mail.NOTIFICATION: _l("New activity for you in Switchboard"),
    Mail.DIGEST: _l("Your daily Switchboard updates"),
    Mail.WEEKLY_REPORT: _l("Your weekly report from Switchboard"),
}

#: The page that an email links to.
LINK_PAGES: dict[Mail, str] = {
    Mail.PASSWORD_RESET: "sign_in.edit_password",
    Mail.PASSWORD_LINK: "sign_in.edit_password",
    Mail.INVITATION: "invitations.confirm_accept",
    Mail.WELCOME: "sign_in.edit_password",
}

#: Where people see and end their sessions, as mails about an account say.
SESSIONS_PAGE = "sign_in.show"
SESSIONS_ANCHOR = "#sessions"


def foot_of(mail: Mail, organization: str) -> tuple[LazyText, ...]:
    """Return the footer lines of an email: product and organization, and why its reader gets it."""
    return (f"Switchboard · {organization}", _reason(mail, organization))


def _reason(mail: Mail, organization: str) -> LazyText:
    if mail is Mail.INVITATION:
        return _l("You’re receiving this because you were invited to %(organization)s.", organization=organization)
    return _l("You’re receiving this because you have an account at %(organization)s.", organization=organization)
