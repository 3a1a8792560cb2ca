"""Making a photo safe 图片处理: type by its bytes, pixels bounded before decoding, re-encoded without EXIF.

Re-encoding leaves behind what is not picture: EXIF (place, time, device), comments, XMP, thumbnails, trailing
bytes. The orientation is applied first.

>>> sniff(bytes.fromhex("ffd8ffe000104a464946"))
'image/jpeg'
"""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageOps

from libs.common.errors import Invalid

PIXEL_LIMIT = 50_000_000
SIDE_LIMIT = 16_000
DECODE_SECONDS = 20.0

FORMATS: Mapping[str, str] = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
"""Media type -> Pillow's format; nothing else is decoded."""

SUFFIXES: Mapping[str, str] = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}

_decoders = ThreadPoolExecutor(max_workers=2, thread_name_prefix="decoder")


class ImageUnreadable(Invalid):
    """The bytes are no whole picture of the declared type (图片无法识别)."""

    code = "image-unreadable"
    zh = "图片已损坏或与声明的类型不符"
    en = "The picture is damaged or not of the declared type"


class ImageTooLarge(Invalid):
    """More pixels than are decoded (图片像素过大)."""

    code = "image-too-large"
    zh = "图片像素过大，最多 {pixels} 像素、边长 {side}"
    en = "The picture has too many pixels, at most {pixels} and {side} on a side"


@dataclass(frozen=True)
class Picture:
    """A safe picture."""

    content: bytes
    media_type: str
    width: int
    height: int


def sniff(content: bytes) -> str | None:
    """The media type by the first bytes, or None if it is none that is taken."""
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return None


async def make_safe(content: bytes, media_type: str, *, seconds: float = DECODE_SECONDS) -> Picture:
    """Decode and encode anew, off the event loop. Raises `ImageUnreadable` or `ImageTooLarge`."""
    work = asyncio.get_running_loop().run_in_executor(_decoders, reencode, content, media_type)
    try:
        return await asyncio.wait_for(work, seconds)
    except TimeoutError:
        raise ImageUnreadable from None


def reencode(content: bytes, media_type: str) -> Picture:
    """The first frame, upright, as fresh bytes. May raise `ImageUnreadable`, `ImageTooLarge`."""
    if sniff(content) != media_type:
        raise ImageUnreadable
    try:
        with _opened(content, media_type) as image:
            upright = ImageOps.exif_transpose(image)
            return _encoded(upright, media_type)
    except (OSError, SyntaxError, ValueError, IndexError, TypeError, MemoryError, EOFError) as error:
        raise ImageUnreadable from error


def measure(content: bytes) -> Picture:
    """A picture that was made safe before, with its type and size. Raises `ImageUnreadable`."""
    media_type = sniff(content)
    if media_type is None:
        raise ImageUnreadable
    with _opened(content, media_type) as image:
        return Picture(content, media_type, image.width, image.height)


def _opened(content: bytes, media_type: str) -> Image.Image:
    """The picture with its size checked; nothing is decoded yet."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image: Image.Image = Image.open(BytesIO(content), formats=[FORMATS[media_type]])
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ImageTooLarge(pixels=PIXEL_LIMIT, side=SIDE_LIMIT) from None
    width, height = image.size
    if width * height > PIXEL_LIMIT or max(width, height) > SIDE_LIMIT:
        image.close()
        raise ImageTooLarge(pixels=PIXEL_LIMIT, side=SIDE_LIMIT)
    return image


def _encoded(image: Image.Image, media_type: str) -> Picture:
    mode = "RGBA" if media_type != "image/jpeg" and image.has_transparency_data else "RGB"
    clean = image.convert(mode)
    # Pillow writes back comments and colour profiles that it finds here.
    clean.info = {}
    out = BytesIO()
    if media_type == "image/jpeg":
        clean.save(out, "JPEG", quality=88, optimize=True, progressive=True)
    elif media_type == "image/png":
        clean.save(out, "PNG", optimize=False)
    else:
        clean.save(out, "WEBP", quality=88, method=4)
    return Picture(out.getvalue(), media_type, clean.width, clean.height)
