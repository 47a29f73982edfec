"""Feature declaration for organizations, as the platform manages them."""

from flask_babel import lazy_gettext as _l

from app.declarations.feature import Feature
from app.declarations.place import Group, Place
from app.platform.organizations import api, jobs, onboarding_views, resource, restore_views, suspension_views, views
from app.security.permissions import Permission

FEATURE = Feature(
    blueprint=views.organizations,
    pages=(
        views,
        onboarding_views,
        restore_views,
        suspension_views,
    ),
    navigation=(
        Place(
            Group.WORK,
            "organizations.index",
            _l("Organizations"),
            "building-2",
            Permission.ORGANIZATIONS_ENTER,
            order=-2,
        ),
    ),
    jobs=(jobs.purge_organization,),
    api=api.API,
    resources=(resource.PLATFORM_STAFF,),
)
