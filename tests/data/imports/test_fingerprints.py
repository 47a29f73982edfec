"""Recognition of repeated rows in a file, and of changes in them."""

from collections import namedtuple
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import pytest

from app.data.imports.mapping_rules import Mapping
from app.data.imports.record_rules import Copies, with_fingerprint
from app.work.calls.import_record_rules import EARLIER, CallRecord
from app.work.contacts.import_record_rules import ContactRecord
from tests.support.import_files import WriteFile, lines, mapped, read_calls, read_contacts


def test_the_same_row_has_the_same_id_and_fingerprint_every_time(write_file: WriteFile) -> None:
    path = write_file(
        lines("started_at,answered,topic", *("2026-03-02 09:30,Y,Roof",) * 3, "2026-03-02 09:30,Y,Siding")
    )
    mapping = mapped(["started_at", "answered", "topic"])
    first, again = read_calls(path, mapping).calls, read_calls(path, mapping).calls

    assert first == again
    ids = [call.external_id for call in first]
    assert ids[1:3] == [f"{ids[0]}-2", f"{ids[0]}-3"]
    assert len({*ids}) == 4
    assert len({call.fingerprint for call in first}) == 2


def test_a_changed_value_changes_the_fingerprint_and_not_the_id(write_file: WriteFile) -> None:
    mapping = mapped(["external_id", "started_at", "answered"])
    (before,) = read_calls(write_file(lines("external_id,started_at,answered", "7,2026-03-02 09:30,Y")), mapping).calls
    (after,) = read_calls(write_file(lines("external_id,started_at,answered", "7,2026-03-02 09:30,N")), mapping).calls

    assert before.external_id == after.external_id == "7"
    assert before.fingerprint != after.fingerprint


def test_the_place_of_a_row_in_the_file_is_not_part_of_its_fingerprint(write_file: WriteFile) -> None:
    rows = ("7,2026-03-02 09:30,Y", "8,2026-03-02 09:30,N")
    mapping = mapped(["external_id", "started_at", "answered"])
    one_way = read_calls(write_file(lines("external_id,started_at,answered", *rows)), mapping).calls
    other_way = read_calls(write_file(lines("external_id,started_at,answered", *reversed(rows))), mapping).calls

    assert {call.fingerprint for call in one_way} == {call.fingerprint for call in other_way}


CALL = "started_at,answered,talk_time,topic,caller_number,cost"
CALL_ROW = "2026-03-02 09:30,Y,120,Roof,(212) 555-0101,12.50"
CONTACT = "first_name,last_name,primary_phone,secondary_phones,tags,zip"
CONTACT_ROW = 'Ann,Lee,212 555 0101,212 555 0102,"vip, roof",2115'


@pytest.mark.parametrize(
    ("cost", "same"), [("12.5", True), ("12.500000", True), ("12.5000004", True), ("12.504", False)]
)
def test_amounts_of_cents_are_the_same_however_they_are_written(
    write_file: WriteFile, cost: str, *, same: bool
) -> None:
    path = write_file(lines(CALL, CALL_ROW, CALL_ROW.replace("12.50", cost)))
    first, other = read_calls(path, mapped(CALL.split(","))).calls

    assert (first.fingerprint == other.fingerprint) is same


class Golden(NamedTuple):
    """Current and former (positional) fingerprint of a row, with an ID in the file and without."""

    with_id: tuple[str, str]
    without_id: tuple[str, str]


CALL_GOLDEN = Golden(
    (
        "ce19505c5a07cfb5eafae01e8052c508d1c0986a37d95b5173b6b4d16cf7bef5",
        "9e45b500fc77d984ac45b7efe4d7250f0f3db411ef2224e7a5dc0ff3fdd61d51",
    ),
    (
        "157ce446564136b45676661ea14a3c99d3ba872cb7bdc462be90ddce53b6123e",
        "38711834704d408614a312c44b3af839c7d73a74d4cd771014308a5e8e198221",
    ),
)
CONTACT_GOLDEN = Golden(
    (
        "86e9acc32bc6a0df30372786ebaf61ee4a85e6ebebd2db090c3fc8ecb58d6b79",
        "efe79f599306b507743cd017aa425a22d1c97af8cc2edca241833ae92e46562b",
    ),
    (
        "a97a58c163e926f917640c1cc6a3842b73a8fc0b4033d104253315af5bf54b4e",
        "6c0872be1993d21b888b24d974ff0127cd9b84dc6e7fc7e8d984bd4ce0914f71",
    ),
)


def _call(write_file: WriteFile, header: str, row: str) -> CallRecord:
    return read_calls(write_file(lines(header, row)), mapped(header.split(","))).only


def _contact(write_file: WriteFile, header: str, row: str) -> ContactRecord:
    columns = {name: name for name in header.split(",")}
    mapping = Mapping.model_validate({"kind": "contacts", "columns": columns})
    (contact,), _rejected = read_contacts(write_file(lines(header, row)), mapping)
    return contact


def _record_of(names: Sequence[str]) -> Any:
    """Create a record type with these fields."""
    return namedtuple("LaterRecord", names)


def _hex(record: CallRecord | ContactRecord) -> tuple[str, str | None]:
    return record.fingerprint.hex(), record.earlier_fingerprint.hex() if record.earlier_fingerprint else None


def test_fingerprints_stay_what_they_are(write_file: WriteFile) -> None:
    """Stored fingerprints stay valid; if one changed, imported files would no longer be recognized."""
    assert _hex(_call(write_file, f"external_id,{CALL}", f"7,{CALL_ROW}")) == CALL_GOLDEN.with_id
    assert _hex(_contact(write_file, f"external_id,{CONTACT}", f"7,{CONTACT_ROW}")) == CONTACT_GOLDEN.with_id
    without_id: list[tuple[CallRecord | ContactRecord, Golden]] = [
        (_call(write_file, CALL, CALL_ROW), CALL_GOLDEN),
        (_contact(write_file, CONTACT, CONTACT_ROW), CONTACT_GOLDEN),
    ]
    for record, golden in without_id:
        assert _hex(record) == golden.without_id
        assert (record.external_id, *record.earlier_ids) == tuple(f"row-{digest[:32]}" for digest in golden.without_id)


def test_copies_are_numbered_alike_in_both_ids(write_file: WriteFile) -> None:
    second = read_calls(write_file(lines(CALL, CALL_ROW, CALL_ROW)), mapped(CALL.split(","))).calls[1]

    new, earlier = CALL_GOLDEN.without_id
    assert (second.external_id, *second.earlier_ids) == (f"row-{new[:32]}-2", f"row-{earlier[:32]}-2")


@pytest.mark.parametrize("place", ["before", "after"])
@pytest.mark.parametrize("header", [CALL, f"external_id,{CALL}"])
def test_a_field_that_is_added_to_records_changes_no_fingerprint_of_a_file_without_it(
    write_file: WriteFile, place: str, header: str
) -> None:
    before = _call(write_file, header, f"7,{CALL_ROW}" if "external_id" in header else CALL_ROW)
    names = list(CallRecord._fields)
    names.insert(names.index("agent") if place == "before" else len(names), "weather")
    later_record = _record_of(names)
    said = before._asdict() | ({} if "external_id" in header else {"external_id": ""})

    later = with_fingerprint(later_record(**said, weather=None), Copies(), EARLIER)
    with_weather = with_fingerprint(later_record(**said, weather="wet"), Copies(), EARLIER)

    assert _hex(later) == _hex(before)
    assert (later.external_id, later.earlier_ids) == (before.external_id, before.earlier_ids)
    assert with_weather.fingerprint != before.fingerprint
    assert (with_weather.earlier_fingerprint, with_weather.earlier_ids) == (None, ())


def test_a_field_that_is_declared_later_changes_no_fingerprint_of_a_file_without_it(write_file: WriteFile) -> None:
    before = _call(write_file, f"external_id,{CALL}", f"7,{CALL_ROW}")
    declared_later = before._replace(fields={"mood": None, **before.fields})
    with_weather = before._replace(fields={"mood": "calm", **before.fields})

    assert _hex(with_fingerprint(declared_later, Copies(), EARLIER)) == _hex(before)
    assert with_fingerprint(with_weather, Copies(), EARLIER).fingerprint != before.fingerprint
    assert with_fingerprint(with_weather, Copies(), EARLIER).earlier_fingerprint is None


@pytest.mark.parametrize(
    ("said", "before"),
    [
        ({"cost": Decimal("0.0085")}, {"cost": Decimal("0.01")}),
        ({"cost": Decimal("0.0050"), "waited_seconds": 20}, {"cost": Decimal("0.01")}),
        ({"waited_seconds": 0}, {}),
    ],
)
def test_rows_keep_the_ids_that_they_had_without_fractions_of_a_cent_and_without_new_fields(
    write_file: WriteFile, said: dict[str, Any], before: dict[str, Any]
) -> None:
    call = _call(write_file, CALL, CALL_ROW)._replace(external_id="", **{"cost": None, **said})
    former = call._replace(**{"waited_seconds": None, **before})
    copies, copies_before = Copies(), Copies()

    for _copy in range(2):
        now, then = with_fingerprint(call, copies, EARLIER), with_fingerprint(former, copies_before, EARLIER)
        assert now.external_id != then.external_id
        assert {*now.earlier_ids} == {then.external_id, *then.earlier_ids}
        assert now.earlier_fingerprint is None


def test_a_column_that_is_empty_is_like_one_that_is_not_there(write_file: WriteFile) -> None:
    without = _call(write_file, CALL, CALL_ROW)
    empty = _call(write_file, f"{CALL},sentiment", f"{CALL_ROW},")

    assert (without.fingerprint, without.external_id) == (empty.fingerprint, empty.external_id)


def test_nothing_is_not_the_same_as_zero(write_file: WriteFile) -> None:
    free, unknown = (_call(write_file, CALL, CALL_ROW.replace("12.50", cost)) for cost in ("0", ""))

    assert free.fingerprint != unknown.fingerprint
