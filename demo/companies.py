"""Demonstration companies and the platform itself: location, opening hours and staff, and how well people work."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import time
from zoneinfo import ZoneInfo

from app.models import PlanCode, StaffRole
from app.security.permissions import Role

PASSWORD = "switchboard-demo-2026"  # noqa: S105 - for the demonstration only, documented in the README

_EARLY, _DAY, _LATE = (7, 15), (8, 17), (10, 19)


@dataclass(frozen=True, slots=True)
class Working:
    """Working style of a CSR: the hours of the shift, and the quality of the work.

    `diligence` is the share of the call script's steps that are done, `closing` is added to the chance of a booking,
    `pace` is the speed of speech (1 is average), `missing` is the share of calls left ringing, and `drift` is the
    quarterly change of diligence and closing.
    """

    shift: tuple[int, int] = _DAY
    diligence: float = 0.75
    closing: float = 0.0
    pace: float = 1.0
    missing: float = 0.06
    drift: float = 0.0


@dataclass(frozen=True, slots=True)
class Member:
    """A person who works at a company. `manager` is another member's name; `email` overrides the usual address."""

    name: str
    role: Role
    manager: str | None = None
    working: Working = Working()
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Company:
    """A company. `hours` has local opening hours by weekday (0 is Monday); no entry means closed.

    `calls` is the number of calls in the year, unless another number is requested.
    """

    slug: str
    name: str
    spoken_name: str
    timezone: ZoneInfo
    domain: str
    state: str
    towns: tuple[tuple[str, tuple[str, ...]], ...]
    far_zips: tuple[str, ...]
    area_codes: tuple[str, ...]
    main_number: str
    fee: str
    trades: str
    all_trades: bool
    hours: Mapping[int, tuple[time, time]]
    technicians: tuple[str, ...]
    assistant: str
    staff: tuple[Member, ...]
    calls: int
    plan: PlanCode

    def email_of(self, member: Member) -> str:
        """Return `first.last@domain`, or the address set on the member."""
        return member.email or f"{member.name.lower().replace(' ', '.')}@{self.domain}"


def _csr(name: str, manager: str, working: Working) -> Member:
    return Member(name, Role.CSR, manager, working)


def _reps(manager: str, *names: str) -> tuple[Member, ...]:
    return tuple(
        Member(name, Role.SALES_REP, manager, Working(diligence=0.7 + 0.03 * n)) for n, name in enumerate(names)
    )


_WEEKDAYS = range(5)
_SATURDAY = 5

BRIGHTWATER = Company(
    slug="brightwater",
    name="Brightwater Home Services",
    spoken_name="Brightwater",
    timezone=ZoneInfo("America/Chicago"),
    domain="brightwater.example",
    state="TX",
    towns=(
        ("Austin", ("78704", "78745", "78731", "78757", "78722")),
        ("Round Rock", ("78664", "78681")),
        ("Cedar Park", ("78613",)),
        ("Pflugerville", ("78660",)),
        ("Georgetown", ("78626", "78628")),
        ("Leander", ("78641",)),
        ("Buda", ("78610",)),
        ("Kyle", ("78640",)),
    ),
    far_zips=("76513", "78130", "76501", "78621"),
    area_codes=(
        "512",
        "737",
        "210",
        "726",
        "254",
        "830",
        "361",
        "325",
        "979",
        "713",
        "281",
        "832",
        "214",
        "972",
        "817",
    ),
    main_number="+15125550100",
    fee="$89",
    trades="heating, cooling, plumbing and electrical",
    all_trades=True,
    hours={**{day: (time(7), time(19)) for day in _WEEKDAYS}, _SATURDAY: (time(8), time(14))},
    technicians=("Luis", "Terrence", "Wade", "Mateo", "Cody", "Jerome"),
    assistant="Otto",
    calls=6_000,
    plan=PlanCode.PROFESSIONAL,
    staff=(
        Member("Evelyn Marsh", Role.OWNER),
        Member("Rosa Delgado", Role.ADMIN),
        Member("Walter Haines", Role.EXEC),
        Member("Marcus Bell", Role.MANAGER, "Walter Haines"),
        Member("Joanna Pruitt", Role.MANAGER, "Walter Haines"),
        Member("Felix Amado", Role.MANAGER, "Walter Haines"),
        Member("Kim Sato", Role.SUPPORT),
        _csr("Maya Torres", "Marcus Bell", Working(_DAY, 0.76, -0.06, 1.0, 0.06, 0.012)),
        _csr("Tom Okafor", "Marcus Bell", Working(_EARLY, 0.79, -0.05, 1.05, 0.075)),
        _csr("Priya Nair", "Marcus Bell", Working(_DAY, 0.91, 0.03, 1.12, 0.03)),
        _csr("Marcus Webb", "Marcus Bell", Working(_LATE, 0.86, 0.0, 1.04, 0.06, 0.005)),
        _csr("Elena Ruiz", "Marcus Bell", Working(_EARLY, 0.83, -0.02, 1.06, 0.045)),
        _csr("Hannah Cole", "Marcus Bell", Working(_DAY, 0.74, -0.09, 0.9, 0.09, -0.004)),
        _csr("Andre Lewis", "Joanna Pruitt", Working(_LATE, 0.68, -0.15, 0.84, 0.135, -0.015)),
        _csr("Sofia Grant", "Joanna Pruitt", Working(_DAY, 0.55, -0.25, 0.8, 0.18, 0.022)),
        _csr("Grace Whitfield", "Joanna Pruitt", Working(_EARLY, 0.81, -0.04, 0.97, 0.075)),
        _csr("Dominic Reyes", "Joanna Pruitt", Working(_LATE, 0.72, -0.07, 1.1, 0.12)),
        _csr("Tasha Monroe", "Joanna Pruitt", Working(_DAY, 0.77, -0.05, 0.95, 0.075, 0.006)),
        _csr("Ben Kowalski", "Joanna Pruitt", Working(_LATE, 0.63, -0.18, 0.92, 0.15, 0.012)),
        *_reps(
            "Felix Amado",
            "Carl Jensen",
            "Nadia Haddad",
            "Luis Ortega",
            "Renee Foster",
            "Victor Lang",
            "Amy Sandoval",
            "Darnell Price",
            "Ingrid Voss",
        ),
    ),
)

CEDAR_STONE = Company(
    slug="cedar-stone",
    name="Cedar & Stone Plumbing",
    spoken_name="Cedar and Stone",
    timezone=ZoneInfo("America/Los_Angeles"),
    domain="cedarstone.example",
    state="OR",
    towns=(
        ("Portland", ("97202", "97206", "97211", "97219")),
        ("Beaverton", ("97005", "97008")),
        ("Gresham", ("97030",)),
        ("Tigard", ("97223",)),
        ("Lake Oswego", ("97034",)),
    ),
    far_zips=("97304", "97128", "97058"),
    area_codes=("503", "971", "541", "458", "360", "564"),
    main_number="+15035550100",
    fee="$79",
    trades="plumbing, drains and water heaters",
    all_trades=False,
    hours={**{day: (time(8), time(18)) for day in _WEEKDAYS}, _SATURDAY: (time(9), time(13))},
    technicians=("Ray", "Anders", "Miguel", "Teo"),
    assistant="Juniper",
    calls=1_440,
    plan=PlanCode.STARTER,
    staff=(
        Member("Sam Cedillo", Role.OWNER),
        Member("Ruth Eisen", Role.ADMIN),
        Member("Iris Holt", Role.EXEC),
        Member("Laura Whitaker", Role.MANAGER, "Sam Cedillo"),
        # The same person with the same address works in both companies, so signing in asks for the organization.
        Member("Felix Amado", Role.MANAGER, "Sam Cedillo", email="felix.amado@brightwater.example"),
        Member("Devon Park", Role.SUPPORT),
        _csr("Noah Lindqvist", "Laura Whitaker", Working(_DAY, 0.84, -0.03, 1.0, 0.06)),
        _csr("Fatima Rahman", "Laura Whitaker", Working(_EARLY, 0.78, -0.06, 1.05, 0.075)),
        _csr("Jesse Callahan", "Laura Whitaker", Working(_LATE, 0.64, -0.17, 0.88, 0.15, 0.01)),
        _csr("Olive Tran", "Laura Whitaker", Working(_DAY, 0.74, -0.08, 0.95, 0.09)),
        *_reps("Laura Whitaker", "Peter Moss", "Gabriela Stone", "Henry Adeyemi"),
    ),
)

SAGUARO = Company(
    slug="saguaro-air",
    name="Saguaro Heating & Air",
    spoken_name="Saguaro",
    # Arizona has no daylight saving time.
    timezone=ZoneInfo("America/Phoenix"),
    domain="saguaro.example",
    state="AZ",
    towns=(
        ("Phoenix", ("85016", "85018", "85032", "85044")),
        ("Tempe", ("85281", "85283")),
        ("Mesa", ("85204", "85210")),
        ("Chandler", ("85224",)),
        ("Scottsdale", ("85251",)),
    ),
    far_zips=("85122", "85390", "86301"),
    area_codes=("602", "480", "623", "520", "928"),
    main_number="+16025550100",
    fee="$69",
    trades="cooling, heating and electrical",
    all_trades=True,
    hours={**{day: (time(6), time(17)) for day in _WEEKDAYS}, _SATURDAY: (time(7), time(12))},
    technicians=("Ramon", "Dale", "Keith"),
    assistant="Sol",
    calls=1_600,
    plan=PlanCode.STARTER,
    staff=(
        Member("Gloria Esquivel", Role.OWNER),
        Member("Wes Tolliver", Role.ADMIN),
        Member("Anita Rao", Role.EXEC),
        Member("Jamal Whitaker", Role.MANAGER, "Gloria Esquivel"),
        Member("Bea Lindgren", Role.SUPPORT),
        _csr("Carmen Yazzie", "Jamal Whitaker", Working(_EARLY, 0.82, -0.02, 1.0, 0.05)),
        _csr("Hank Dubois", "Jamal Whitaker", Working(_DAY, 0.7, -0.1, 0.93, 0.1, 0.008)),
        _csr("Lin Zhou", "Jamal Whitaker", Working(_DAY, 0.78, -0.06, 1.06, 0.07)),
        *_reps("Jamal Whitaker", "Oscar Benally", "Heidi Krantz"),
    ),
)

COMPANIES = (BRIGHTWATER, CEDAR_STONE, SAGUARO)

# The platform's own organization; its staff help inside the other organizations, and it gets no calls.
PLATFORM = replace(
    CEDAR_STONE,
    slug="platform",
    name="Switchboard",
    spoken_name="Switchboard",
    timezone=ZoneInfo("America/New_York"),
    domain="switchboard.example",
    main_number="+12125550100",
    calls=0,
    staff=(Member("Nora Feld", Role.OWNER), Member("Theo Brandt", Role.CSR)),
)
STAFF = tuple(zip(PLATFORM.staff, (StaffRole.ADMIN, StaffRole.SUPPORT), strict=True))
