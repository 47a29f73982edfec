"""Every component in every state."""

from flask_babel import lazy_gettext as _l

from app.declarations.feature import Feature
from app.declarations.place import Group, Place
from app.ops.styleguide import views

FEATURE = Feature(
    blueprint=views.styleguide,
    pages=(views,),
    navigation=(Place(Group.DEVELOPMENT, "styleguide.index", _l("Style guide"), "palette"),),
    is_for_development=True,
)
