"""Declaration of outbound streams, which send the audit trail to other systems."""

from flask_babel import lazy_gettext as _l

from app.declarations.feature import Feature
from app.declarations.place import Group, Place
from app.security.permissions import Permission
from app.trust.streams import api, jobs, resource, views
from app.trust.streams.notices import STREAM_STOPPED

FEATURE = Feature(
    blueprint=views.streams,
    pages=(views,),
    navigation=(
        Place(
            Group.ORGANIZATION_TABS,
            "streams.index",
            _l("Audit streams"),
            "radio-tower",
            Permission.WEBHOOKS_MANAGE,
            also_required=(Permission.AUDIT_READ,),
        ),
    ),
    jobs=(
        jobs.send_streams,
        jobs.test_stream,
    ),
    notices=(STREAM_STOPPED,),
    api=api.API,
    resources=(resource.OUTBOUND_STREAM,),
)
