"""Feature declaration for the parts of the JSON API that belong to no other feature."""

from app.api import auth_views, jobs, outside, own_sessions_views, password_views, sign_in_views, sign_up_views
from app.declarations.feature import Feature

FEATURE = Feature(
    blueprint=auth_views.auth,
    pages=(auth_views, sign_in_views, password_views, own_sessions_views, sign_up_views),
    api=outside.API,
    jobs=(jobs.delete_stored_responses,),
)
