"""Feature declaration for signing in and the account page."""

from flask_babel import lazy_gettext as _l

from app.declarations.feature import Feature
from app.declarations.place import Group, Place
from app.declarations.shortcut import Does, Shortcut
from app.people.sign_in import (
    account_views,
    api,
    confirmation_views,
    ended_session_views,
    jobs,
    notices,
    password_views,
    second_factor_views,
    shortcut_views,
    views,
)

FEATURE = Feature(
    blueprint=views.sign_in,
    pages=(
        views,
        account_views,
        shortcut_views,
        password_views,
        second_factor_views,
        ended_session_views,
        confirmation_views,
    ),
    navigation=(Place(Group.YOU, "sign_in.show", _l("Account"), "circle-user-round", shortcut="a"),),
    shortcuts=(
        Shortcut(keys=("?",), label=_l("Show keyboard shortcuts")),
        Shortcut(keys=("Escape",), label=_l("Close the open panel or dialog"), does=Does.CLOSE),
    ),
    jobs=(jobs.clean_up_accounts,),
    api=api.API,
    notices=(notices.TOKEN_REUSED,),
)
