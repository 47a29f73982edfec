"""scratch"""
from collections.abc import Callable
from typing import Any
import pytest
from flask import Flask
from sqlalchemy import Engine, text
from app.models import Role, StaffRole
from app.security.guard import access_of, is_static
from tests.support.client import Client
from tests.support.company import make_company, address_of
from tests.support.factories import Factories
from tests.support.pages import Page

def forms_of(page):
    for form in page.all(".//form"):
        if (form.get("method") or "").lower() != "post": continue
        data = {}
        for c in form.iter():
            name = c.get("name")
            if not name or c.tag not in ("input","textarea","select","button"): continue
            if c.tag == "select":
                opts=[o.get("value","") for o in c.findall(".//option")]
                opts=[o for o in opts if o]
                if opts: data[name]=opts[-1]
            elif c.tag=="textarea": data[name]="Some words here"
            elif c.tag=="button": data.setdefault(name, c.get("value",""))
            else:
                t=c.get("type","text"); v=c.get("value","")
                if t in ("checkbox","radio"): data[name]=c.get("value","on")
                elif t=="file": continue
                elif t=="hidden" or v: data[name]=v
                elif t=="email": data[name]="new@person.example"
                elif t=="tel": data[name]="+12125550999"
                elif t in("date",): data[name]="2026-12-01"
                elif t=="datetime-local": data[name]="2026-12-01T10:00"
                elif t=="number": data[name]="5"
                else: data[name]="Some words"
        yield form.get("action"), data

def test_walk_forms(app: Flask, client: Client, make: Factories, admin_engine: Engine) -> None:
    app.config["PROPAGATE_EXCEPTIONS"]=False
    company = make_company(make)
    staff = make.staff(StaffRole.ADMIN, name="Sam Staff")
    client.sign_in(staff)
    client.post(f"/organizations/{company.organization.id}/enter", {"reason": "They have asked for help"})
    todo=[]; seen=set()
    for rule in app.url_map.iter_rules():
        if is_static(rule.endpoint) or "GET" not in rule.methods: continue
        acc = access_of(app, rule.endpoint)
        if not acc.signed_in: continue
        try: url = address_of(app, rule, company)
        except AssertionError: continue
        page = Page(client._client.get(url)); page.response.get_data()
        print("GET", url, page.status, page.text[-900:-500] if page.status==404 else "")
        assert page.status != 500, url
        if page.status==200 and page.is_whole:
            assert "You are in" in page.text, url
            todo += [(url, a or url, d) for a,d in forms_of(page)]
        elif page.status in (400,404,403) and page.is_whole:
            assert "You are in" in page.text, ("no banner", url, page.status)
    for url, action, data in todo:
        if action.startswith(("/logout","/organizations/leave")): continue
        key=(action, tuple(sorted(data)))
        if key in seen: continue
        seen.add(key)
        p = Page(client._client.get(url))
        data["csrf_token"] = next((one.get("value") for one in p.all(".//input[@name='csrf_token']")), data.get("csrf_token")) if p.is_whole else data.get("csrf_token")
        r = client._client.post(action, data=data)
        print("POST", action, r.status_code, {k:v for k,v in data.items() if k!="csrf_token"} if r.status_code>=400 else "")
        if r.status_code >= 400: print("   ", Page(r).text[-200:] if r.mimetype=="text/html" else r.text[:200])
    with admin_engine.connect() as c:
        for row in c.execute(text("select action, resource_type, user_id, actor_label, actor_role from audit_logs where actor_label<>'postgres' and organization_id=:o"), {"o":company.organization.id}): print(row)
    assert 0
