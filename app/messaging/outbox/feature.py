"""Declaration of the outbox of messages that were sent or are to be sent."""

from flask_babel import lazy_gettext as _l
from sqlalchemy import literal

from app.declarations.feature import Feature
from app.declarations.place import Group, Place
from app.declarations.setup_step import SetupStep
from app.messaging.outbox import api, jobs, privacy, resource, retention, service, views
from app.security.permissions import Permission

FEATURE = Feature(
    blueprint=views.outbox,
    pages=(views,),
    navigation=(Place(Group.SETTINGS, "outbox.index", _l("Outbox"), "mail", Permission.OUTBOX_READ),),
    jobs=(jobs.send_mail,),
    setup=(
        SetupStep(
            label=_l("Email"),
            hint=_l("Invitations and reminders are sent once the operator sets a mail server."),
            endpoint="outbox.index",
            permission=Permission.OUTBOX_READ,
            is_done=lambda _actor: literal(service.mail_server_is_set()),
            order=3,
        ),
    ),
    api=api.API,
    resources=(resource.MESSAGE,),
    retains=(retention.MESSAGES,),
    personal=privacy.PERSONAL,
)
