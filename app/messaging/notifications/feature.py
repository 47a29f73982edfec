"""Declaration of notifications, shown in the app and sent by email."""

from app.declarations.events import NotifiedByMail
from app.declarations.feature import Feature
from app.messaging.notifications import api, jobs, privacy, resource, unsubscribe_views, views
from app.messaging.notifications.mail_service import mail_at_once

FEATURE = Feature(
    blueprint=views.notifications,
    pages=(views, unsubscribe_views),
    api=api.API,
    resources=(resource.NOTIFICATION,),
    jobs=(jobs.write_daily_mails, jobs.forget_notifications),
    handles={NotifiedByMail: mail_at_once},
    personal=privacy.PERSONAL,
)
