"""The JSON API of jobs: none yet."""

from app.declarations.api import NoApi
from app.ops.jobs.resource import JOB

API = (NoApi(JOB, "It is not part of the first version of the API."),)
