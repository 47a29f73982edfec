"""How leads are deleted and come back."""

from app.declarations.deletable import Deletable
from app.security.permissions import Permission
from app.work.contacts.trash import OF_A_CONTACT, label_of_contact
from app.work.leads.resource import LEAD

LEAD_DELETION = Deletable(
    resource=LEAD, label=label_of_contact, permission=Permission.LEADS_DELETE, parents=OF_A_CONTACT
)
