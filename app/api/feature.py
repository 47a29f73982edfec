"""Feature declaration for the parts of the JSON API that belong to no other feature."""

from app.api import jobs
from app.declarations.feature import Feature

FEATURE = Feature(jobs=(jobs.delete_stored_responses,))
