"""Feature declaration for the security page of an organization, and its watches."""

from app.declarations.events import FileExported, OwnerAdded, PermissionGranted
from app.declarations.feature import Feature
from app.organization.security import jobs, notices, views, watch_service

FEATURE = Feature(
    blueprint=views.security,
    pages=(views,),
    jobs=(jobs.mail_security_alerts,),
    notices=(notices.SECURITY_ALERT, notices.SECOND_FACTOR_REMINDER),
    handles={
        OwnerAdded: watch_service.alert_of_new_owner,
        FileExported: watch_service.alert_of_export,
        PermissionGranted: watch_service.alert_of_grant,
    },
)
