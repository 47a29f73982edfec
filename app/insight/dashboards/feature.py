"""The pages of numbers."""

from flask_babel import lazy_gettext as _l

from app.declarations.feature import Feature
from app.declarations.place import Group, Place
from app.insight.dashboards import home_views, views
from app.security.permissions import Permission

FEATURE = Feature(
    blueprint=views.dashboards,
    pages=(
        views,
        home_views,
    ),
    navigation=(
        Place(
            Group.WORK,
            "dashboards.csr",
            _l("CSR dashboard"),
            "layout-dashboard",
            Permission.DASHBOARDS_CSR,
            "d",
            own_label=_l("My dashboard"),
        ),
    ),
)
