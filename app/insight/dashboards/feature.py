"""Declaration of the dashboards' pages."""

from flask_babel import lazy_gettext as _l

from app.declarations.feature import Feature
from app.declarations.place import Group, Place
from app.insight.dashboards import api, exec_views, home_views, rep_device_views, rep_views, views
from app.insight.dashboards.team_page import TEAM_VIEWS
from app.security.permissions import Permission

FEATURE = Feature(
    blueprint=views.dashboards,
    pages=(
        views,
        exec_views,
        home_views,
        rep_device_views,
        rep_views,
    ),
    api=api.API,
    viewed=(TEAM_VIEWS,),
    navigation=(
        Place(
            Group.WORK,
            "dashboards.csr",
            _l("CSR dashboard"),
            "layout-dashboard",
            Permission.DASHBOARDS_CSR,
            "d",
            own_label=_l("My dashboard"),
            order=1,
        ),
        Place(
            Group.WORK,
            "dashboards.rep",
            _l("Reps’ schedules"),
            "map-pin",
            Permission.DASHBOARDS_REP,
            also_required=(Permission.APPOINTMENTS_READ,),
            own_label=_l("My day"),
        ),
        Place(
            Group.TEAM,
            "dashboards.exec_csr",
            _l("CSR performance"),
            "headset",
            Permission.DASHBOARDS_EXEC,
        ),
        Place(
            Group.TEAM,
            "dashboards.exec_sales",
            _l("Sales performance"),
            "handshake",
            Permission.DASHBOARDS_EXEC,
        ),
        Place(
            Group.TEAM,
            "dashboards.exec_missed_calls",
            _l("Missed-call performance"),
            "phone-missed",
            Permission.DASHBOARDS_EXEC,
            also_required=(Permission.MISSED_CALLS_READ,),
        ),
    ),
)
