"""Sandboxed program that makes a small square of an uploaded photo; it imports nothing of the app.

`main(file, target)` writes a WebP, or a line of JSON whose `problem` is "pixels" or "broken" (see `app.sandbox`). Only
the pixels of the file remain: no name, place or time that a camera has stored in it, no second frame, and no data
appended to the image. What can't be a photo of a person is refused before it is decoded.
"""

import json
import struct
import sys
from io import BytesIO
from typing import IO

from PIL import Image, ImageOps, MpoImagePlugin, TiffImagePlugin, WebPImagePlugin

#: A small file can claim any number of pixels, and each takes some bytes of memory, once or twice.
MAX_PIXELS = 12_000_000
#: For the largest phone cameras, whose files are decoded at a reduced size.
MAX_PIXELS_OF_PHOTOGRAPH = 50_000_000
#: Twice the largest size at which a photo is shown.
SIDE = 192

_FORMATS = ("PNG", "JPEG", "WEBP")
# Pillow loads these plugins lazily; the sandbox can't open files later, so load them now.
Image.preinit()
_LOADED = (MpoImagePlugin, TiffImagePlugin, WebPImagePlugin)
#: Modes whose pixels can be resampled without conversion.
_PLAIN = ("L", "RGB", "RGBA")
_QUALITY = 85
_BROKEN = (OSError, ValueError, SyntaxError, EOFError, struct.error)
_TOO_MANY_PIXELS = (Image.DecompressionBombError, Image.DecompressionBombWarning)


class _TooManyPixels(Exception):
    pass


def main(file: IO[bytes], _target: None) -> None:
    """Write a small square from the middle of the image to stdout, or a problem."""
    try:
        answer = small_square(file)
    except (_TooManyPixels, *_TOO_MANY_PIXELS):
        answer = json.dumps({"problem": "pixels"}).encode()
    except _BROKEN:
        answer = json.dumps({"problem": "broken"}).encode()
    sys.stdout.buffer.write(answer)
    sys.stdout.flush()


def small_square(file: IO[bytes]) -> bytes:
    """Return a square from the middle of an image, SIDE pixels wide, as a WebP."""
    with Image.open(file, formats=_FORMATS) as picture:
        if picture.width * picture.height > _max_pixels(picture):
            raise _TooManyPixels
        picture.seek(0)
        picture.draft("RGB", (SIDE * 2, SIDE * 2))
        # Shrink first: each operation on the full-size image makes one more copy of it.
        is_plain = picture.mode in _PLAIN and "transparency" not in picture.info
        square = ImageOps.fit(picture if is_plain else picture.convert("RGBA"), (SIDE, SIDE))
        upright = ImageOps.exif_transpose(square).convert("RGBA")
    made = BytesIO()
    Image.frombytes("RGBA", upright.size, upright.tobytes()).save(made, "WEBP", quality=_QUALITY)
    return made.getvalue()


def _max_pixels(picture: Image.Image) -> int:
    """Return the pixel limit of the format; a progressive image is decoded at full size."""
    is_photograph = picture.format in ("JPEG", "MPO") and not picture.info.get("progressive")
    return MAX_PIXELS_OF_PHOTOGRAPH if is_photograph else MAX_PIXELS
