"""Makes a small picture of one that somebody sent: the program of a sandbox (`app.sandbox`), which imports nothing of
the app.

`main(file, target)` answers with a WebP, or with a line of JSON whose `problem` is "pixels" or "broken". Nothing of the
file is kept but its pixels: no name, place or time that a camera has written into it, no second frame, nothing hidden
behind the picture. What cannot be a picture of a person is refused before it is unpacked.
"""

import json
import struct
import sys
from io import BytesIO
from typing import IO

from PIL import Image, ImageOps, MpoImagePlugin, TiffImagePlugin, WebPImagePlugin

#: A small file may claim any number of them, and each takes some bytes of memory, once or twice.
MAX_PIXELS = 12_000_000
#: Of the largest camera of a phone, whose files are read small from the outset.
MAX_PIXELS_OF_PHOTOGRAPH = 50_000_000
#: Twice the largest place where one is shown.
SIDE = 192

_FORMATS = ("PNG", "JPEG", "WEBP")
# What Pillow loads while it reads one of these, loaded now: later no file can be opened any more.
Image.preinit()
_LOADED = (MpoImagePlugin, TiffImagePlugin, WebPImagePlugin)
#: Whose pixels can be mixed as they are.
_PLAIN = ("L", "RGB", "RGBA")
_QUALITY = 85
_BROKEN = (OSError, ValueError, SyntaxError, EOFError, struct.error)
_TOO_MANY_PIXELS = (Image.DecompressionBombError, Image.DecompressionBombWarning)


class _TooManyPixels(Exception):
    pass


def main(file: IO[bytes], _target: None) -> None:
    """Answer with a small square of the middle of the picture."""
    try:
        answer = small_square(file)
    except (_TooManyPixels, *_TOO_MANY_PIXELS):
        answer = json.dumps({"problem": "pixels"}).encode()
    except _BROKEN:
        answer = json.dumps({"problem": "broken"}).encode()
    sys.stdout.buffer.write(answer)
    sys.stdout.flush()


def small_square(file: IO[bytes]) -> bytes:
    """Return the middle of a picture as a WebP."""
    with Image.open(file, formats=_FORMATS) as picture:
        if picture.width * picture.height > _max_pixels(picture):
            raise _TooManyPixels
        picture.seek(0)
        picture.draft("RGB", (SIDE * 2, SIDE * 2))
        # Made small before anything else: each change of what is large is one more copy of it.
        is_plain = picture.mode in _PLAIN and "transparency" not in picture.info
        square = ImageOps.fit(picture if is_plain else picture.convert("RGBA"), (SIDE, SIDE))
        upright = ImageOps.exif_transpose(square).convert("RGBA")
    made = BytesIO()
    Image.frombytes("RGBA", upright.size, upright.tobytes()).save(made, "WEBP", quality=_QUALITY)
    return made.getvalue()


def _max_pixels(picture: Image.Image) -> int:
    """Return the most pixels of its kind: a picture that comes in steps is held whole until the last one."""
    is_photograph = picture.format in ("JPEG", "MPO") and not picture.info.get("progressive")
    return MAX_PIXELS_OF_PHOTOGRAPH if is_photograph else MAX_PIXELS
