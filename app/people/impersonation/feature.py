"""Feature declaration for viewing the app as another person."""

from app.declarations.feature import Feature
from app.people.impersonation import views

FEATURE = Feature(
    blueprint=views.impersonation,
    pages=(views,),
)
