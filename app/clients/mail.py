"""Client of the mail server, using SMTP (RFC 5321) from the standard library.

`smtp://` uses TLS if the server offers it, and requires it to send a password; `smtps://` uses TLS from the start.
"""

import smtplib
import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate, parseaddr
from typing import Self
from urllib.parse import unquote, urlsplit

from flask_babel import lazy_gettext as _l

from app.declarations.rendered_mail import AttachedFile, Picture
from app.errors import ExternalServiceError

#: Timeout for each reply of the server.
PATIENCE_SECONDS = 15.0

_PORTS = {"smtp": 587, "smtps": 465}
_FINAL = 500  # replies from here on are permanent failures


class MailUnavailable(ExternalServiceError):
    """Failure that can be temporary: no connection, a rejected sign-in, or a request to try again later."""

    default_message = _l("We couldn’t send through the mail server.")


class MailRefused(Exception):
    """Permanent rejection of an email by the server."""

    def __init__(self, reply_code: str) -> None:
        super().__init__(reply_code)
        self.reply_code = reply_code


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """An email in plain text, optionally also in HTML, with inline `pictures` and attached `files`.

    The `id` identifies the email across repeated attempts to send it, and `correlation_id` the request that caused it.
    A POST to the URL `unsubscribe` ends emails of this kind to the recipient.
    """

    id: str
    to: str
    subject: str
    text: str = field(repr=False)
    html: str | None = field(default=None, repr=False)
    pictures: tuple[Picture, ...] = ()
    files: tuple[AttachedFile, ...] = ()
    unsubscribe: str | None = None
    correlation_id: str | None = None


@dataclass(frozen=True, slots=True)
class MailServer:
    """The address and credentials of the mail server, and the sender of all emails."""

    host: str
    port: int
    sender: str
    is_tls: bool
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    @classmethod
    def at(cls, url: str, sender: str) -> Self:
        """Return the server described by `url`, in the form of the setting SMTP_URL."""
        parts = urlsplit(url)
        return cls(
            host=parts.hostname or "",
            port=parts.port or _PORTS[parts.scheme],
            sender=sender,
            is_tls=parts.scheme == "smtps",
            user=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
        )

    def send(self, mail: OutgoingMail) -> str:
        """Send `mail` and return its Message-ID.

        Raises MailRefused if the server rejects it permanently, and MailUnavailable if sending can be tried again
        later.
        """
        message = self._message(mail)
        try:
            with self._connected() as connection:
                connection.send_message(message, from_addr=parseaddr(self.sender)[1], to_addrs=[mail.to])
        except smtplib.SMTPRecipientsRefused as refusal:
            code = next(iter(refusal.recipients.values()))[0]
            raise _failure(code) from refusal
        except smtplib.SMTPAuthenticationError as error:  # the setting is wrong, not the mail
            raise MailUnavailable from error
        except smtplib.SMTPResponseException as error:
            raise _failure(error.smtp_code) from error
        except (OSError, smtplib.SMTPException) as error:
            raise MailUnavailable from error
        return str(message["Message-ID"])

    def _message(self, mail: OutgoingMail) -> EmailMessage:
        """Build the message; the library rejects header fields that contain a line break."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self.sender, mail.to, mail.subject
        message["Message-ID"] = f"<{mail.id}@{parseaddr(self.sender)[1].rpartition('@')[2]}>"
        message["Date"] = formatdate()
        message["Auto-Submitted"] = "auto-generated"  # suppresses out-of-office replies
        if mail.correlation_id is not None:
            message["X-Correlation-ID"] = mail.correlation_id
        if mail.unsubscribe is not None:  # RFC 8058: the mail client asks the reader and sends a POST
            message["List-Unsubscribe"] = f"<{mail.unsubscribe}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message.set_content(mail.text)
        if mail.html is not None:
            message.add_alternative(mail.html, subtype="html")
            _add_pictures(message, mail.pictures)
        for file in mail.files:
            main, _slash, sub = file.kind.partition("/")
            message.add_attachment(file.content, maintype=main, subtype=sub, filename=file.name)
        return message

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        context = ssl.create_default_context()
        if self.is_tls:
            connection: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, timeout=PATIENCE_SECONDS, context=context)
        else:
            connection = smtplib.SMTP(self.host, self.port, timeout=PATIENCE_SECONDS)
        with connection:
            connection.ehlo_or_helo_if_needed()
            if not self.is_tls and (self.user or connection.has_extn("starttls")):
                connection.starttls(context=context)
                connection.ehlo_or_helo_if_needed()
            if self.user:
                connection.login(self.user, self.password or "")
            yield connection


def _add_pictures(message: EmailMessage, pictures: Iterable[Picture]) -> None:
    """Add the images that the HTML part refers to."""
    page = message.get_body(("html",))
    if not isinstance(page, EmailMessage):
        return
    for picture in pictures:
        page.add_related(
            picture.content,
            "image",
            "png",
            cid=f"<{picture.name}>",
            filename=f"{picture.name}.png",
            disposition="inline",
        )


def _failure(code: int) -> MailRefused | MailUnavailable:
    return MailRefused(str(code)) if code >= _FINAL else MailUnavailable()
