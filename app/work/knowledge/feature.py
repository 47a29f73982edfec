"""The knowledge base: answers to callers' questions."""

from flask_babel import lazy_gettext as _l

from app.declarations.command import Command
from app.declarations.feature import Feature
from app.declarations.place import Group, place_of_list
from app.lists.export import list_export
from app.security.permissions import Permission
from app.work.knowledge import api, panel, resource, trash, views
from app.work.knowledge.importing import KNOWLEDGE_IMPORT

FEATURE = Feature(
    blueprint=views.knowledge,
    pages=(views,),
    navigation=(place_of_list(Group.DATA, resource.KNOWLEDGE_ITEM),),
    commands=(
        Command(
            label=_l("New knowledge item"),
            endpoint="knowledge.new",
            icon="circle-question-mark",
            permission=Permission.KNOWLEDGE_WRITE,
            words=_l("add question answer"),
        ),
    ),
    api=api.API,
    resources=(resource.KNOWLEDGE_ITEM,),
    panels=(panel.ANSWERS_PANEL,),
    imports=(KNOWLEDGE_IMPORT,),
    exports=(list_export(resource.KNOWLEDGE_ITEM, resource.KNOWLEDGE_LIST),),
    deletes=(trash.KNOWLEDGE_ITEM_DELETION,),
)
