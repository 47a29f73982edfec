"""Declaration of the description of the JSON API: for programs, and as a page."""

from app.api.document import views
from app.declarations.feature import Feature

FEATURE = Feature(blueprint=views.document, pages=(views,))
