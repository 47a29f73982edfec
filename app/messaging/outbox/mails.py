"""The e-mails there are: each has a subject, a text under templates/mail, and perhaps a link for its reader alone."""

from enum import StrEnum

from flask_babel import lazy_gettext as _l

from app.errors import Sentence

#: Stands in the stored text where the link goes: whoever reads the text, in the app or in a backup, cannot follow it.
LINK_PLACE = "{link}"


class Mail(StrEnum):
    """Names a template; stored with each message."""

    PASSWORD_RESET = "password_reset"  # noqa: S105 - a name, not a password
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a name, not a password
    PASSWORD_LINK = "password_link"  # noqa: S105 - a name, not a password
    SECOND_FACTOR_RESET = "second_factor_reset"
    ADDRESS_CHANGED = "address_changed"
    INVITATION = "invitation"
    WELCOME = "welcome"
    RETENTION_SHORTENED = "retention_shortened"
    NOTIFICATION = "notification"
    DIGEST = "digest"
    WEEKLY_REPORT = "weekly_report"


#: A subject says nothing that may not be read on a locked phone.
SUBJECTS: dict[Mail, Sentence] = {
    Mail.PASSWORD_RESET: _l("Set a new password for Switchboard"),
    Mail.PASSWORD_CHANGED: _l("Your Switchboard password was changed"),
    Mail.PASSWORD_LINK: _l("Set a new password for Switchboard"),
    Mail.SECOND_FACTOR_RESET: _l("Your second factor for Switchboard was removed"),
    Mail.ADDRESS_CHANGED: _l("The e-mail address of your Switchboard account was changed"),
    Mail.INVITATION: _l("You are invited to Switchboard"),
    Mail.WELCOME: _l("Your organization is set up in Switchboard"),
    Mail.RETENTION_SHORTENED: _l("Your organization is about to keep records for a shorter time"),
    Mail.NOTIFICATION: _l("Something new for you in Switchboard"),
    Mail.DIGEST: _l("Your day in Switchboard"),
    Mail.WEEKLY_REPORT: _l("Your weekly report from Switchboard"),
}

#: The page that a mail's link leads to.
LINK_PAGES: dict[Mail, str] = {
    Mail.PASSWORD_RESET: "sign_in.edit_password",
    Mail.PASSWORD_LINK: "sign_in.edit_password",
    Mail.INVITATION: "invitations.confirm_accept",
    Mail.WELCOME: "sign_in.edit_password",
}
