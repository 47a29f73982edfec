"""Declaration of the job queue and its list of jobs."""

from flask_babel import lazy_gettext as _l

from app.declarations.feature import Feature
from app.declarations.place import Group, Place
from app.ops.jobs import api, jobs, resource, views
from app.security.permissions import Permission

FEATURE = Feature(
    blueprint=views.jobs,
    pages=(views,),
    navigation=(Place(Group.WORK, "jobs.index", _l("Jobs"), "hourglass", Permission.JOBS_READ, "j", order=2),),
    jobs=(jobs.clean_up_jobs,),
    api=api.API,
    resources=(resource.JOB,),
)
