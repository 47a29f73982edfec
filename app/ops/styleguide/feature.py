"""Every component in every state, at /styleguide."""

from app.declarations.feature import Feature
from app.ops.styleguide import views

FEATURE = Feature(
    blueprint=views.styleguide,
    pages=(views,),
    is_for_development=True,
)
