"""The list of calls, as people see it."""

from tests.support.client import Client
from tests.support.factories import Factories


def test_smoke(client: Client, make: Factories) -> None:
    organization = make.organization()
    csr = make.user(organization)
    call = make.call(organization, csr=csr, contact_card_id=make.contact(organization).id, topic="Heating")
    make.transcript(call); make.analysis(call)
    page = client.sign_in(csr).get("/calls")
    print(page.text)
    page = client.get(f"/calls/{call.id}")
    print(page.text)
    assert 0
