import pytest
from playwright.sync_api import Browser
from tests.support.browser import sign_in, AXE
from tests.support.factories import Factories
from app.models import Role

PAGES = {"org": "/organization", "wk": "/organization/webhook-key", "sec": "/organization/security","hours": "/organization/hours", "deadlines": "/organization/deadlines", "assistant": "/organization/assistant", "keys": "/organization/api-keys", "newkey": "/organization/api-keys/new", "integ": "/organization/integrations", "twilio": "/organization/integrations/twilio", "zone": "/organization/time-zone"}

def test_pics(_browser: Browser, live_address: str, make: Factories) -> None:
    o = make.organization(business_hours={"monday": [["08:00","12:00"],["13:00","17:00"]], "tuesday": [["08:00","17:00"]]})
    make.subscription(o); make.assistant(o); make.integration(o)
    u = make.user(o, role=Role.ADMIN); make.user(o, role=Role.OWNER)
    k = make.api_key(u, permissions=["calls:read","audit:read","billing:update"])
    bad = {}
    for width in (1440, 390):
        for scheme in ("light", "dark"):
            with _browser.new_context(base_url=live_address, viewport={"width": width, "height": 900}, color_scheme=scheme) as context:
                tab = context.new_page()
                sign_in(tab, u)
                for name, url in {**PAGES, "key": f"/organization/api-keys/{k.id}"}.items():
                    if scheme == "dark" and name not in ("org", "hours"): continue
                    tab.goto(url)
                    tab.screenshot(path=f"/tmp/d1/{name}-{width}-{scheme}.png", full_page=True)
                    tab.evaluate(AXE.read_text())
                    found = tab.evaluate("axe.run().then(r => r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.html.slice(0,150)).join(' | ')))")
                    wide = tab.evaluate("document.documentElement.scrollWidth > innerWidth")
                    if found or wide: bad[(name, width, scheme)] = (found, wide)
    assert bad == {}
