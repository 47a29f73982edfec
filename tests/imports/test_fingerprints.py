"""Which row of a file is the same one again, and whether it says anything new."""

from tests.support.import_files import WriteFile, lines, mapped, read_calls


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
