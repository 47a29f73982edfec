"""What visitors meet: forms, heads of files and the way through the app, read off the answers of the app at work."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element

from flask import Flask

from app.db import slow_statements
from app.db.ids import uuid7
from app.models import Language, Organization, Role, StaffRole
from tests.contract.before import reading
from tests.support.client import Client
from tests.support.company import Company, address_of, make_company
from tests.support.factories import PASSWORD, Factories
from tests.support.forms_on_pages import controls, rule_of, signed_in_rules
from tests.support.pages import Page, text_of
from tests.support.ways import WAYS, Ready, Scene

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
#: What changes from day to day: a date, with a time or without.
_OF_TODAY = re.compile(r"\d{4}-\d\d-\d\d(?:T[\d:]+Z?)?")
#: Lists of the world (time zones, countries) belong to the libraries that bring them.
_MAX_VALUES = 60
#: A form that stands on more than this part of all pages belongs to their frame.
_FRAME = 0.5
#: What a file for spreadsheets begins with.
_MARK = "\ufeff"
_EVERY_PAGE = "(every page)"
#: Beyond the organization's own roles: the platform's people in their own organization.
_ROLES = (*Role, *StaffRole)


class Found(NamedTuple):
    """A form: on which page, where it goes, and the kinds of its fields as JSON."""

    page: str
    action: str
    fields: str


def forms(
    app: Flask, new_client: Callable[[], Client], make: Factories, scene: Callable[[str], Scene]
) -> dict[str, list[dict[str, str]]]:
    """The fields of each form with their kinds and, where they are to choose from, the values; by page and action.

    As the owner of an organization finds them, an admin of the platform on what is closed to the owner, and a stranger.
    """
    found = [*_forms_of_pages(app, new_client, make), *_forms_on_the_way(app, scene)]
    pages: dict[tuple[str, str], set[str]] = {}
    for form in found:
        pages.setdefault((form.action, form.fields), set()).add(form.page)
    frame = {key for key, on in pages.items() if len(on) > _FRAME * len({form.page for form in found})}
    items: dict[str, set[str]] = {}
    for form in found:
        page = _EVERY_PAGE if (form.action, form.fields) in frame else form.page
        items.setdefault(f"{page}: {form.action}", set()).add(form.fields)
    return {name: [json.loads(fields) for fields in sorted(several)] for name, several in items.items()}


def _forms_of_pages(app: Flask, new_client: Callable[[], Client], make: Factories) -> Iterator[Found]:
    company = make_company(make)
    visitors = [
        new_client().sign_in(company.people[Role.OWNER]),
        new_client().sign_in(make.staff(StaffRole.ADMIN)),
        new_client(),
    ]
    for address in _addresses(app, company, reading.links_by_mail(app, company.organization.id, company.people, make)):
        answers = (visitor.look_at(address) for visitor in visitors)
        if open_one := next((answer for answer in answers if answer.status == 200), None):
            yield from _forms_of(app, open_one)
    yield from _forms_of(app, _second_step(new_client(), make, company.organization))
    yield from _forms_of(app, _choice_of_organization(new_client(), make, company.organization))


def _addresses(app: Flask, company: Company, links: Mapping[str, str]) -> Iterator[str]:
    """Every page of the company; of those behind a link that comes by mail, the link of `links`, by URL rule."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if "GET" in (rule.methods or ()):
            if all(name.endswith("_id") for name in rule.arguments):
                yield address_of(app, rule, company)
            elif rule.rule in links:
                yield links[rule.rule]


def _second_step(client: Client, make: Factories, organization: Organization) -> Page:
    """The page that asks for the second factor."""
    guarded = make.user(organization, mfa_secret=b"sealed")
    return client.follow(client.post("/login", {"email": guarded.email, "password": PASSWORD}))


def _choice_of_organization(client: Client, make: Factories, organization: Organization) -> Page:
    """The page that asks where somebody goes who has an account with two organizations."""
    here = make.user(organization)
    make.user(make.organization(), email=here.email)
    return client.follow(client.post("/login", {"email": here.email, "password": PASSWORD}))


def _forms_on_the_way(app: Flask, scene: Callable[[str], Scene]) -> Iterator[Found]:
    """Forms that a fresh organization does not show; of some only what they send is known."""
    for endpoint, way in WAYS.items():
        ready: Ready = way(scene(endpoint))
        if ready.page is not None:
            yield from _forms_of(app, ready.page)
        else:
            sent = dict.fromkeys(ready.known, "sent")
            yield Found("(on the way)", _action(app, "POST", ready.action), json.dumps(sent, sort_keys=True))


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


def labels(app: Flask, new_client: Callable[[], Client], make: Factories) -> dict[str, dict[str, list[str]]]:
    """The words beside values on each page of an owner, in each language: heads of tables, labels, terms, choices.

    Heads are in their order, the others are sets. Words with a digit in them come from rows and moments.
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
            slow_statements.forget()  # the page of the system tells of them, where there were any
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
    """What can be chosen under a label, as it reads, unless that comes from a library or is recorded on its own."""
    choices = [text_of(option) for option in label.iter("option")]
    return f"{_without_choices(label)}: {', '.join(choices)}" if 0 < len(choices) <= _MAX_VALUES else ""


def csv_heads(app: Flask, new_client: Callable[[], Client], make: Factories) -> dict[str, list[str]]:
    """The first line of each file in each language, in its order and as a set; the fields of a line of JSON."""
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
    """The file that an export of the whole list comes to."""
    row_id = str(uuid7())
    client.post("/exports", {"row_id": row_id, "kind": kind, "query": ""})
    reading.work(app)
    page = client.get(f"/exports/{row_id}/file")
    text = page.html
    page.response.close()
    return text


def navigation(_app: Flask, new_client: Callable[[], Client], make: Factories) -> dict[str, Any]:
    """Where each role can go: label, group and key of each place by its address, and their order."""
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
