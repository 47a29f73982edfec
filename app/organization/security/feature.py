"""Feature declaration for the security page of an organization, and its watches."""

from flask_babel import lazy_gettext as _l

from app.declarations.events import FileExported, OwnerAdded, PermissionGranted
from app.declarations.feature import Feature
from app.declarations.setup_step import SetupStep
from app.organization.security import jobs, notices, queries, views, watch_service
from app.security.permissions import Permission

FEATURE = Feature(
    blueprint=views.security,
    pages=(views,),
    jobs=(jobs.mail_security_alerts,),
    notices=(notices.SECURITY_ALERT, notices.SECOND_FACTOR_REMINDER),
    setup=(
        SetupStep(
            label=_l("Two-factor authentication"),
            hint=_l("Owners and admins sign in with a code, too."),
            endpoint="security.edit",
            permission=Permission.ORGANIZATION_UPDATE,
            is_done=queries.is_second_factor_complete,
            order=2,
        ),
    ),
    handles={
        OwnerAdded: watch_service.alert_of_new_owner,
        FileExported: watch_service.alert_of_export,
        PermissionGranted: watch_service.alert_of_grant,
    },
)
