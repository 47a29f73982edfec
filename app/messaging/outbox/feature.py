"""Declaration of the outbox of messages that were sent or are to be sent."""

from flask_babel import lazy_gettext as _l

from app.declarations.feature import Feature
from app.declarations.place import Group, Place
from app.messaging.outbox import api, jobs, privacy, resource, retention, views
from app.security.permissions import Permission

FEATURE = Feature(
    blueprint=views.outbox,
    pages=(views,),
    navigation=(Place(Group.SETTINGS, "outbox.index", _l("Outbox"), "mail", Permission.OUTBOX_READ),),
    jobs=(jobs.send_mail,),
    api=api.API,
    resources=(resource.MESSAGE,),
    retains=(retention.MESSAGES,),
    personal=privacy.PERSONAL,
)
