"""Jobs: what they are called, who sees them, and where."""

from flask_babel import lazy_gettext as _l

from app.declarations.resource import Resource, Words
from app.models import Job
from app.security import own_rows
from app.security.permissions import Permission
from app.security.scope import Scope

JOB = Resource(
    name="job",
    model=Job,
    words=Words(_l("job"), _l("jobs")),
    icon="hourglass",
    title=lambda: Job.name,
    page=("jobs.show", "job_id"),
    page_permission=Permission.JOBS_READ,
    scope=Scope((Permission.JOBS_READ,), own_rows.nothing),
)
