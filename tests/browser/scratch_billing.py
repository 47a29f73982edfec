from tests.browser.test_pages import look
from app.models import Role

def test_billing(company, open_tab, make):
    for n in range(26):
        make.user(company.organization)
    found = {}
    for theme, width in (("light", 1440), ("dark", 390), ("light", 320)):
        tab = open_tab(Role.OWNER, theme=theme, width=width)
        for url in ("", "/plan?plan=enterprise", "/plan?plan=professional", "/invoices", f"/invoices/{company.rows['invoice'].id}", "/budget?kind=sms"):
            found[theme, width, url] = look(tab, "/organization/billing" + url)
    assert not any(found.values()), {k: v for k, v in found.items() if v}
