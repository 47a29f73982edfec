"""Profile photos: accepted files, permissions, and the removal of metadata."""

import subprocess
import sys
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from PIL import Image

from app.config import PROJECT_ROOT
from app.errors import ValidationFailed
from app.extensions import db
from app.models import Organization, Role, User
from app.ops.jobs.worker import run_worker
from app.people.users.picture_process import SIDE
from app.people.users.picture_rules import MAX_BYTES
from app.people.users.picture_service import cleaned_picture
from app.people.users.purge_service import purge_person
from app.storage import storage
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.pages import Page
from tests.support.work import at_work

OWN = "/account/picture"
LARGEST = (4_000, 3_000)
#: Memory for processing a picture: all pixels, some bytes each, once or twice.
MOST_MEGABYTES = 220
SECRET = "51.5007 N 0.1246 W"


def drawn(kind: str = "PNG", size: tuple[int, int] = (400, 300), mode: str = "RGB", **options: Any) -> bytes:
    made = BytesIO()
    Image.new(mode, size, "red" if mode != "CMYK" else (0, 255, 255, 0)).save(made, kind, **options)
    return made.getvalue()


def photograph() -> bytes:
    """Return a photo taken with a rotated camera, with a location in its metadata."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, SECRET
    return drawn("JPEG", exif=exif)


def claiming(width: int, height: int) -> bytes:
    """Return a PNG of a few bytes that claims to have this size."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big")

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([8, 2, 0, 0, 0])
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.fixture
def csr(make: Factories, organization: Organization) -> User:
    return make.user(organization, name="Cora Counter")


def upload(client: Client, page: str, content: bytes, status: int = 303) -> Page:
    return client.post(page, {**client.get(page).fields(page), "picture": (BytesIO(content), "me.png")}, status=status)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_small_square_is_made_of_it(kind: str) -> None:
    with Image.open(BytesIO(cleaned_picture(drawn(kind)))) as made:
        assert (made.format, made.size) == ("WEBP", (SIDE, SIDE))


def test_nothing_that_the_camera_wrote_is_kept() -> None:
    content = photograph()
    assert SECRET.encode() in content

    made = cleaned_picture(content)

    assert SECRET.encode() not in made
    with Image.open(BytesIO(made)) as picture:
        assert not picture.getexif()
        assert {"exif", "icc_profile", "xmp"}.isdisjoint(picture.info)


def test_of_a_film_the_first_frame_is_shown() -> None:
    film = BytesIO()
    frames = [Image.new("RGB", (64, 64), color) for color in ("red", "blue")]
    frames[0].save(film, "WEBP", save_all=True, append_images=frames[1:], lossless=True)

    with Image.open(BytesIO(cleaned_picture(film.getvalue()))) as made:
        assert getattr(made, "n_frames", 1) == 1
        red, _green, blue = made.convert("RGB").getpixel((5, 5))  # type: ignore[misc]
        assert red > blue


def test_printed_colours_are_read_too() -> None:
    with Image.open(BytesIO(cleaned_picture(drawn("JPEG", mode="CMYK")))) as made:
        assert made.size == (SIDE, SIDE)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        drawn("GIF"),
        drawn("BMP"),
        drawn("TIFF"),
        drawn()[:200],
        drawn("JPEG")[:200],
        drawn("WEBP")[:60],
        b"\x89PNG\r\n\x1a\n" + bytes(100),
        b"RIFF\xff\xff\xff\xffWEBPVP8X" + bytes(100),
    ],
    ids=["empty", "text", "svg", "gif", "bmp", "tiff", "half png", "half jpeg", "half webp", "no png", "no webp"],
)
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(ValidationFailed):
        cleaned_picture(content)


@pytest.mark.parametrize(
    "size", [(3_500, 3_500), (8_000, 7_000), (12_000, 12_000), (60_000, 60_000), (2**31 - 1, 2**31 - 1)]
)
def test_what_would_unpack_to_too_many_pixels_is_refused_before_that(size: tuple[int, int]) -> None:
    with pytest.raises(ValidationFailed) as refused:
        cleaned_picture(claiming(*size))

    assert "too many pixels" in str(refused.value.fields[0].message)


#: One process per picture, as memory freed by one would be reused by another; forked, as loading the app takes seconds.
_PEAKS = """
import os, sys
from pathlib import Path
from app.people.users.picture_process import small_square

def peak():
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])

for picture in sys.argv[1:]:
    child = os.fork()
    if not child:
        before = peak()
        with open(picture, "rb") as file:
            small_square(file)
        print((peak() - before) // 1024, flush=True)
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        sys.exit(picture)
"""

_LARGE_ONES: list[tuple[str, str, tuple[int, int], dict[str, Any]]] = [
    ("PNG", "1", LARGEST, {}),
    ("PNG", "P", LARGEST, {}),
    ("PNG", "RGB", LARGEST, {}),
    ("PNG", "RGBA", LARGEST, {}),
    ("WEBP", "RGBA", LARGEST, {}),
    ("JPEG", "RGB", LARGEST, {"progressive": True}),
    ("JPEG", "CMYK", LARGEST, {}),
    ("JPEG", "RGB", (8_000, 6_000), {}),
]


def test_the_largest_of_each_kind_takes_no_more_memory_than_this(tmp_path: Path) -> None:
    pictures: list[Path] = []
    for kind, mode, size, options in _LARGE_ONES:
        pictures.append(tmp_path / f"{len(pictures)} {kind} {mode}")
        with pictures[-1].open("wb") as file:
            Image.new(mode, size).save(file, kind, **options)

    came = subprocess.run(
        [sys.executable, "-c", _PEAKS, *map(str, pictures)],
        cwd=PROJECT_ROOT,
        check=True,
        capture_output=True,
        text=True,
    )

    peaks = dict(zip((picture.name for picture in pictures), map(int, came.stdout.split()), strict=True))
    assert {name: peak for name, peak in peaks.items() if peak > MOST_MEGABYTES} == {}
    assert min(peaks.values()) > 0


def test_the_picture_is_turned_and_its_middle_shown() -> None:
    """A photo is rotated by its EXIF orientation and cropped to its center.

    The left edge of the raw image becomes the top.
    """
    wide = Image.new("RGB", (1200, 400), "blue")
    wide.paste("red", (400, 0, 600, 400))
    wide.paste("lime", (600, 0, 800, 400))
    exif, sent = Image.Exif(), BytesIO()
    exif[0x0112] = 6
    wide.save(sent, "JPEG", exif=exif, quality=95)

    with Image.open(BytesIO(cleaned_picture(sent.getvalue()))) as made:
        top, bottom = (made.convert("RGB").getpixel((SIDE // 2, at)) for at in (SIDE // 4, SIDE * 3 // 4))

    assert [pixel.index(max(pixel)) for pixel in (top, bottom)] == [0, 1]  # type: ignore[union-attr, arg-type]


def test_what_is_seen_through_stays_so() -> None:
    clear = BytesIO()
    Image.new("P", (400, 400), 0).save(clear, "PNG", transparency=0)

    with Image.open(BytesIO(cleaned_picture(clear.getvalue()))) as made:
        assert made.convert("RGBA").getpixel((5, 5))[3] == 0  # type: ignore[index]


def test_many_pictures_in_an_hour_are_too_many(client: Client, csr: User) -> None:
    client.sign_in(csr)
    for _ in range(30):
        upload(client, OWN, b"none", 400)

    upload(client, OWN, b"none", 429)


def test_a_file_that_is_too_large_is_refused() -> None:
    with pytest.raises(ValidationFailed) as refused:
        cleaned_picture(drawn() + bytes(MAX_BYTES))

    assert "5 MB" in str(refused.value.fields[0].message)


def test_ones_own_is_uploaded_shown_and_removed(client: Client, app: Flask, csr: User, behind: Behind) -> None:
    client.sign_in(csr)

    page = client.follow(upload(client, OWN, drawn()))

    key = behind.one(User, id=csr.id).avatar_key
    assert key is not None
    address = page.all(".//img[@class='av']")[0].get("src")
    assert address == f"/users/{csr.id}/picture.webp?v={key[-12:]}"
    shown = client.get(str(address), buffered=True)
    assert shown.headers["Content-Type"] == "image/webp"
    assert shown.headers["Cache-Control"] == "private, max-age=3600"
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert "script-src 'self'" in shown.headers["Content-Security-Policy"]

    client.post(f"{OWN}/remove", client.get(OWN).fields(f"{OWN}/remove"))
    run_worker(app, schedule=(), until_idle=True)

    client.get(f"/users/{csr.id}/picture.webp", status=404)
    with app.app_context():
        assert list(storage().list_keys(csr.organization_id)) == []


def test_an_admin_changes_that_of_others_and_the_one_before_goes(
    as_admin: Client, app: Flask, csr: User, behind: Behind
) -> None:
    page = f"/users/{csr.id}/picture/edit"
    upload(as_admin, page, drawn())
    before = behind.one(User, id=csr.id).avatar_key

    upload(as_admin, page, drawn("JPEG"))
    run_worker(app, schedule=(), until_idle=True)

    key = behind.one(User, id=csr.id).avatar_key
    assert key not in (None, before)
    with app.app_context():
        assert list(storage().list_keys(csr.organization_id)) == [key]
    assert f"/users/{csr.id}/picture.webp?v=" in as_admin.get("/users").html
    told = behind.trail(csr.organization_id, "user")
    assert (told[-1].actor_label, "avatar_key" in (told[-1].after or {})) == ("Ada Admin", True)


def test_colleagues_see_it_and_nobody_else_does(
    client: Client, new_client: Callable[[], Client], make: Factories, organization: Organization, csr: User
) -> None:
    upload(client.sign_in(csr), OWN, drawn())
    address = f"/users/{csr.id}/picture.webp"

    new_client().sign_in(make.user(organization, role=Role.SALES_REP)).get(address, buffered=True)
    new_client().sign_in(make.user(make.organization(), role=Role.OWNER)).get(address, status=404)
    new_client().get(address, status=303)


def test_that_of_others_is_not_everybodys_to_change(
    client: Client, new_client: Callable[[], Client], csr: User, owner: User, admin: User
) -> None:
    client.sign_in(csr)
    client.post(f"/users/{owner.id}/picture/edit", {"picture": (BytesIO(drawn()), "me.png")}, status=403)
    client.post(f"/users/{owner.id}/picture/remove", status=403)

    client = new_client().sign_in(admin)
    client.post(f"/users/{owner.id}/picture/edit", {"picture": (BytesIO(drawn()), "me.png")}, status=403)


def test_what_is_no_picture_is_told_beside_the_field(client: Client, csr: User, behind: Behind) -> None:
    page = upload(client.sign_in(csr), OWN, b"<html>", 400)

    assert "This photo can’t be read." in page.text
    assert behind.one(User, id=csr.id).avatar_key is None


def test_it_goes_with_the_person(
    client: Client, app: Flask, make: Factories, organization: Organization, csr: User
) -> None:
    make.call(organization, csr=csr)
    upload(client.sign_in(csr), OWN, drawn())

    with at_work(app, organization.id):
        purge_person(db.session.get_one(User, (organization.id, csr.id)))
    run_worker(app, schedule=(), until_idle=True)

    with app.app_context():
        assert list(storage().list_keys(organization.id)) == []
