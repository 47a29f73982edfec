"""Declaration of the dashboards' pages."""

from flask_babel import lazy_gettext as _l

from app.declarations.feature import Feature
from app.declarations.place import Group, Place
from app.declarations.shortcut import Does, Shortcut
from app.insight.dashboards import api, exec_views, home_views, my_day_views, rep_device_views, rep_views, views
from app.insight.dashboards.team_page import TEAM_VIEWS
from app.security.permissions import Permission

_MY_DAY = frozenset({"dashboards.my_day"})

FEATURE = Feature(
    blueprint=views.dashboards,
    pages=(
        views,
        exec_views,
        home_views,
        my_day_views,
        rep_device_views,
        rep_views,
    ),
    shortcuts=(
        Shortcut(keys=("j",), label=_l("Next row; Enter opens it"), pages=_MY_DAY, does=Does.NEXT_ROW),
        Shortcut(keys=("k",), label=_l("Previous row; Enter opens it"), pages=_MY_DAY, does=Does.PREVIOUS_ROW),
        Shortcut(
            keys=("c",),
            label=_l("Call the selected caller, or the first"),
            permission=Permission.MISSED_CALLS_WORK,
            pages=_MY_DAY,
        ),
        Shortcut(
            keys=("b",),
            label=_l("Book an appointment for the selected caller"),
            permission=Permission.APPOINTMENTS_WRITE,
            pages=_MY_DAY,
        ),
        Shortcut(keys=("x",), label=_l("Complete the selected task"), permission=Permission.TASKS_WRITE, pages=_MY_DAY),
        Shortcut(
            keys=("s",),
            label=_l("Snooze the selected task until tomorrow"),
            permission=Permission.TASKS_WRITE,
            pages=_MY_DAY,
        ),
        Shortcut(
            keys=("m",),
            label=_l("Reschedule the selected appointment"),
            permission=Permission.APPOINTMENTS_WRITE,
            pages=_MY_DAY,
        ),
        Shortcut(
            keys=("d",),
            label=_l("Mark the selected coaching note as done"),
            permission=Permission.CALLS_READ,
            pages=_MY_DAY,
        ),
    ),
    api=api.API,
    viewed=(TEAM_VIEWS,),
    navigation=(
        Place(Group.WORK, "dashboards.my_day", _l("My day"), "sun", Permission.DASHBOARDS_CSR, order=-1),
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
