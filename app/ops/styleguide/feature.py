"""Declaration of the style guide at /styleguide: every component in every state."""

from dataclasses import replace

from app.declarations.feature import Feature
from app.lists.keys import LIST_KEYS
from app.ops.styleguide import views

FEATURE = Feature(
    blueprint=views.styleguide,
    pages=(views,),
    shortcuts=tuple(replace(one, pages=frozenset({"styleguide.index"}), on_lists=False) for one in LIST_KEYS),
    is_for_development=True,
)
