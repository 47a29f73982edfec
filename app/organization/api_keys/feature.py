"""Feature declaration for API keys."""

from app.declarations.feature import Feature
from app.declarations.place import Group, place_of_list
from app.organization.api_keys import api, integrity, privacy, resource, views

FEATURE = Feature(
    blueprint=views.api_keys,
    pages=(views,),
    navigation=(place_of_list(Group.ORGANIZATION_TABS, resource.API_KEY),),
    api=api.API,
    resources=(resource.API_KEY,),
    checks=(integrity.PERMISSION,),
    personal=privacy.PERSONAL,
)
