"""Visible parts of the app: forms, labels, CSV headers and navigation, read from the running app's responses."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element

from flask import Flask

from app.db import slow_statements
from app.db.ids import uuid7
from app.models import Language, Organization, Role, StaffRole
from tests.contract.before import reading
from tests.support.client import Client
from tests.support.company import address_of, make_company
from tests.support.factories import PASSWORD, Factories
from tests.support.form_setups import WAYS
from tests.support.forms_on_pages import controls, rule_of, signed_in_rules
from tests.support.owner_pages import OwnerPages, routes_of_rows
from tests.support.pages import Page, text_of
from tests.support.stage import OnTheWay

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
#: Text that changes from day to day: a date, with or without a time.
_OF_TODAY = re.compile(r"\d{4}-\d\d-\d\d(?:T[\d:]+Z?)?")
#: Longer lists (time zones, countries) come from libraries.
_MAX_VALUES = 60
#: A form on more than this share of all pages belongs to their frame.
_FRAME = 0.5
#: Byte order mark at the start of spreadsheet files.
_MARK = "\ufeff"
_EVERY_PAGE = "(every page)"
#: The roles of an organization, and those of platform staff in their own organization.
_ROLES = (*Role, *StaffRole)


class Found(NamedTuple):
    """A form: the page it is on, its action, and the kinds of its fields as JSON."""

    page: str
    action: str
    fields: str


def forms(
    app: Flask,
    owner_pages: OwnerPages,
    new_client: Callable[[], Client],
    make: Factories,
    on_the_way: Callable[[str], OnTheWay],
) -> dict[str, list[dict[str, str]]]:
    """Return the fields of each form with their kinds and options, by page and action.

    The pages are those of an organization's owner, of a platform admin where the owner has no access, and of a visitor
    who is not signed in. A form on more than half of the pages is listed once, under `(every page)`.
    """
    found = [*_forms_of_pages(app, owner_pages, new_client, make), *_forms_on_the_way(app, on_the_way)]
    pages: dict[tuple[str, str], set[str]] = {}
    for form in found:
        pages.setdefault((form.action, form.fields), set()).add(form.page)
    frame = {key for key, on in pages.items() if len(on) > _FRAME * len({form.page for form in found})}
    items: dict[str, set[str]] = {}
    for form in found:
        page = _EVERY_PAGE if (form.action, form.fields) in frame else form.page
        items.setdefault(f"{page}: {form.action}", set()).add(form.fields)
    return {name: [json.loads(fields) for fields in sorted(several)] for name, several in items.items()}


def _forms_of_pages(
    app: Flask, owner_pages: OwnerPages, new_client: Callable[[], Client], make: Factories
) -> Iterator[Found]:
    company = make_company(make)
    visitors = [new_client().sign_in(make.staff(StaffRole.ADMIN)), new_client()]
    for rule in routes_of_rows(app):
        page = owner_pages[rule.rule].page()
        if page.status != 200:
            address = address_of(app, rule, company)
            answers = (visitor.look_at(address) for visitor in visitors)
            page = next((answer for answer in answers if answer.status == 200), page)
        if page.status == 200:
            yield from _forms_of(app, page)
    for address in reading.links_by_mail(app, company.organization.id, company.people, make).values():
        yield from _forms_of(app, new_client().get(address))
    yield from _forms_of(app, _second_step(new_client(), make, company.organization))
    yield from _forms_of(app, _choice_of_organization(new_client(), make, company.organization))


def _second_step(client: Client, make: Factories, organization: Organization) -> Page:
    """Return the page that asks for the two-factor code."""
    guarded = make.user(organization, mfa_secret=b"sealed")
    return client.follow(client.post("/login", {"email": guarded.email, "password": PASSWORD}))


def _choice_of_organization(client: Client, make: Factories, organization: Organization) -> Page:
    """Return the page on which a person with accounts in two organizations chooses one."""
    here = make.user(organization)
    make.user(make.organization(), email=here.email)
    return client.follow(client.post("/login", {"email": here.email, "password": PASSWORD}))


def _forms_on_the_way(app: Flask, on_the_way: Callable[[str], OnTheWay]) -> Iterator[Found]:
    """Yield forms that a new organization doesn't show; for some, only the sent fields are known."""
    for way in map(on_the_way, WAYS):
        if way.opened is not None:
            yield from _forms_of(app, way.opened.page())
        else:
            sent = dict.fromkeys(way.names, "sent")
            yield Found("(on the way)", _action(app, "POST", way.action), json.dumps(sent, sort_keys=True))


def _forms_of(app: Flask, page: Page) -> Iterator[Found]:
    if not (page.is_html and page.html):
        return
    request = page.response.request
    here = rule_of(app, request.path, request.method)
    assert here is not None, request.path
    for form in page.all(".//form"):
        fields = json.dumps(_fields(page, form), sort_keys=True)
        elsewhere = [control.get("formaction") for control in form.iter("button")]
        for address in {form.get("action") or request.path, *filter(None, elsewhere)}:
            yield Found(here.rule, _action(app, form.get("method", "get").upper(), address), fields)


def _action(app: Flask, method: str, address: str) -> str:
    rule = rule_of(app, address, method)
    return f"{method} {rule.rule if rule else address}"


def _fields(page: Page, form: Element) -> dict[str, str]:
    kinds: dict[str, str] = {}
    values: dict[str, set[str]] = {}
    for control in controls(page, form):
        name, kind = _ID.sub("…", control.get("name", "")), control.get("type", "text")
        kinds[name] = control.tag if control.tag != "input" else kind
        if control.tag == "select":
            values.setdefault(name, set()).update(option.get("value", "") for option in control.iter("option"))
        elif control.tag == "button" or kind in ("radio", "checkbox", "submit"):
            values.setdefault(name, set()).add(control.get("value", ""))
    return {name: f"{kind} {_several(values[name])}" if name in values else kind for name, kind in kinds.items()}


def _several(values: set[str]) -> str:
    plain = sorted({_OF_TODAY.sub("…", _ID.sub("…", value)) for value in values})
    return "of many" if len(plain) > _MAX_VALUES else "|".join(plain)


def labels(
    app: Flask, owner_pages: OwnerPages, new_client: Callable[[], Client], make: Factories
) -> dict[str, dict[str, list[str]]]:
    """Return the texts next to values on an owner's pages, by page and language.

    They are table heads, all of them and in order, and sets of labels, legends, terms and options. The sets have no
    texts that contain a digit, since those come from rows and times.
    """
    company = make_company(make)
    client = new_client().sign_in(company.people[Role.OWNER])
    found: dict[str, dict[str, list[str]]] = {}
    for language in Language:
        form = client.get("/account").fields("/account/preferences")
        client.post("/account/preferences", {**form, "language": language.value})
        for rule in sorted(signed_in_rules(app), key=lambda rule: rule.rule):
            if "GET" not in (rule.methods or ()):
                continue
            if language is Language.ENGLISH:
                page = owner_pages[rule.rule].page()
            else:
                slow_statements.forget()  # the system page would list them if there were any
                page = client.look_at(address_of(app, rule, company))
            if page.status == 200 and page.is_whole and (words := _labels(page)):
                found[f"{rule.rule} ({language.value})"] = words
    return found


def _labels(page: Page) -> dict[str, list[str]]:
    labels = page.all(".//main//label")
    words = {
        "labels": _set_of(map(_without_choices, labels)),
        "choices": _set_of(filter(None, map(_choices, labels))),
        "groups": _set_of(map(text_of, page.all(".//main//legend"))),
        "terms": _set_of(map(text_of, page.all(".//main//dt"))),
        "heads": [text for head in page.all(".//main//thead//th") if (text := text_of(head))],
    }
    return {name: texts for name, texts in words.items() if texts}


def _set_of(texts: Iterable[str]) -> list[str]:
    return sorted({text for text in texts if text and not re.search(r"\d", text)})


def _without_choices(label: Element) -> str:
    whole = text_of(label)
    for select in label.iter("select"):
        whole = whole.replace(text_of(select), "")
    return " ".join(whole.split())


def _choices(label: Element) -> str:
    """Return a label with its options as text; empty if it has none, or so many that a library lists them."""
    choices = [text_of(option) for option in label.iter("option")]
    return f"{_without_choices(label)}: {', '.join(choices)}" if 0 < len(choices) <= _MAX_VALUES else ""


def csv_heads(app: Flask, new_client: Callable[[], Client], make: Factories) -> dict[str, list[str]]:
    """Return the header of each file by language, in order and as a set, and the fields of a line of JSON."""
    heads: dict[str, list[str]] = {}
    for language in Language:
        company = make_company(make)
        client = new_client().sign_in(make.user(company.organization, role=Role.ADMIN, language=language))
        client.get("/account")
        files = {
            "calls": client.get("/calls.csv").html,
            "audit": client.get("/audit.csv").html,
            "rejected rows": client.get(f"/imports/{company.rows['import'].id}/errors.csv").html,
            **{f"export of {kind}": _exported(app, client, kind) for kind in ("calls", "audit")},
        }
        for name, text in files.items():
            head = next(csv.reader(io.StringIO(text.removeprefix(_MARK))))
            heads |= {f"{name} ({language.value}), in order": head, f"{name} ({language.value}), words": sorted(head)}
        line = json.loads(_exported(app, client, "audit_json").removeprefix(_MARK).partition("\n")[0])
        heads["audit as JSON, fields"] = sorted([*line, *(f"actor.{name}" for name in line["actor"])])
    return heads


def _exported(app: Flask, client: Client, kind: str) -> str:
    """Return the contents of the file that an export of the whole list creates."""
    row_id = str(uuid7())
    client.post("/exports", {"row_id": row_id, "kind": kind, "query": ""})
    reading.work(app)
    page = client.get(f"/exports/{row_id}/file")
    text = page.html
    page.response.close()
    return text


def navigation(_app: Flask, new_client: Callable[[], Client], make: Factories) -> dict[str, Any]:
    """Return each role's places in the navigation: label, group and shortcut by URL, and their order."""
    places: dict[str, Any] = {}
    company = make_company(make)
    for role in _ROLES:
        for language in Language:
            if isinstance(role, StaffRole):
                name, person = f"platform {role.value}", make.staff(role, language=language)
            else:
                name, person = role.value, make.user(company.organization, role=role, language=language)
            name = f"{name} ({language.value})"
            page = new_client().sign_in(person).get("/account")
            found = dict(_places(page))
            places |= {f"{name} {address}": place for address, place in found.items()}
            places[f"{name}, in order"] = list(found)
    return places


def _places(page: Page) -> Iterator[tuple[str, dict[str, str | None]]]:
    group = ""
    for element in page.all(".//nav[@class='nav']")[0].iter():
        if element.tag == "a":
            yield element.get("href", ""), {"label": text_of(element), "group": group, "key": element.get("data-go")}
        elif element.get("class") == "nav-title":
            group = text_of(element)
