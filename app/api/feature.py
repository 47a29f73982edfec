"""Feature declaration for the parts of the JSON API that belong to no other feature."""

from app.api import auth_views, jobs, outside
from app.declarations.feature import Feature

FEATURE = Feature(blueprint=auth_views.auth, pages=(auth_views,), api=outside.API, jobs=(jobs.delete_stored_responses,))
