from pathlib import Path
from tests.trash.conftest import *  # noqa
from tests.support.factories import PASSWORD, DAY

OUT = Path("/tmp/sbtrash/shots")

def test_look(browser_page, make, organization, owner, admin, put_away, admin_engine):
    OUT.mkdir(parents=True, exist_ok=True)
    card = make.contact(organization, first_name="Hollis", last_name="Park")
    for n in range(14):
        make.task(organization, contact_card_id=card.id, title=f"Call back about the boiler {n}")
    make.lead(organization, contact=card, stage="dead", closed_at=DAY)
    b1 = put_away(admin, "contact_card", card, reason="Asked us to remove them")
    people = [make.user(organization, name=n, email=f"{n.split()[0].lower()}@blue.example") for n in ("Kyle Brandt", "Sofia Grant", "Ana Ruiz")]
    b2 = put_away(owner, "user", *people, reason="Left the company")
    make.user(organization, email="kyle@blue.example"); make.user(organization, email="sofia@blue.example")
    b3 = put_away(admin, "task", make.task(organization, title="Send the quote for the second furnace to the office"))
    from sqlalchemy import text
    with admin_engine.begin() as c:
        c.execute(text("UPDATE deletion_batches SET purge_after = now() + interval '20 hours' WHERE id=:id"), {"id": b3})
        c.execute(text("UPDATE deletion_batches SET purge_after = now() + interval '5 days' WHERE id=:id"), {"id": b2})
    page = browser_page
    errors = []
    page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
    page.goto("/login")
    page.fill("[name=email]", owner.email); page.fill("[name=password]", PASSWORD); page.click("button[type=submit]")
    page.wait_for_url("**/*")
    urls = {"list": "/trash", "show": f"/trash/{b1}", "restore": f"/trash/{b2}/restore", "clear": f"/trash/{b1}/restore", "several": f"/trash/restore?row={b1}&row={b2}&row={b3}", "purge": f"/trash/purge?row={b1}&row={b3}"}
    for name, url in urls.items():
        for width in (1440, 390):
            page.set_viewport_size({"width": width, "height": 900})
            for theme in ("light", "dark"):
                page.emulate_media(color_scheme=theme)
                page.goto(url)
                assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
                page.screenshot(path=OUT / f"{name}-{width}-{theme}.png", full_page=True)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto("/trash")
    page.locator("[data-bulk-all]").check()
    page.screenshot(path=OUT / "ticked.png")
    page.get_by_role("button", name="Restore …").first.click()
    page.wait_for_url("**/trash/restore**")
    page.goto("/trash")
    page.get_by_role("link", name="Removed for good").click()
    page.wait_for_url("**sort=purgeAfter**")
    page.screenshot(path=OUT / "sorted.png")
    print("ERRORS", errors)
