"""Seeing the pages of somebody else as they do."""

from app.declarations.feature import Feature
from app.people.impersonation import views

FEATURE = Feature(
    blueprint=views.impersonation,
    pages=(views,),
)
