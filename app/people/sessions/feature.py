"""Feature declaration for the sessions of people."""

from app.declarations.feature import Feature
from app.people.sessions import api, integrity, resource, views

FEATURE = Feature(
    blueprint=views.sessions,
    pages=(views,),
    api=api.API,
    resources=(
        resource.SESSION,
        resource.REFRESH_TOKEN,
        resource.MFA_RECOVERY_CODE,
        resource.PASSWORD_RESET,
    ),
    checks=(integrity.SESSION,),
)
