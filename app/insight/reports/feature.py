"""Declaration of reports: numbers computed once and stored."""

from flask_babel import lazy_gettext as _l

from app.declarations.feature import Feature
from app.declarations.place import Group, Place
from app.insight.reports import api, chosen_views, jobs, resource, settings_views, views
from app.insight.reports.notices import REPORT_READY
from app.insight.reports.rendered_mails import WEEKLY_REPORT
from app.lists.export import list_export
from app.security.permissions import Permission

FEATURE = Feature(
    blueprint=views.reports,
    pages=(views, settings_views, chosen_views),
    navigation=(Place(Group.DATA, "reports.index", _l("Reports"), "scroll-text", Permission.REPORTS_READ),),
    notices=(REPORT_READY,),
    rendered_mails=(WEEKLY_REPORT,),
    jobs=(jobs.write_weekly_report,),
    api=api.API,
    resources=(resource.REPORT, resource.REPORT_SUBSCRIPTION, resource.REPORT_VIEW),
    exports=(list_export(resource.REPORT, resource.REPORT_LIST),),
)
