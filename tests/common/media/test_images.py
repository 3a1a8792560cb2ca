"""Photos are made safe: type, size, orientation, nothing left of EXIF."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from libs.common.media.images import (
    ImageTooLarge,
    ImageUnreadable,
    make_safe,
    measure,
    reencode,
    sniff,
)
from tests.common.media.pictures import jpeg, png, webp


@pytest.mark.parametrize(
    "content, kind",
    [
        (jpeg(), "image/jpeg"),
        (png(), "image/png"),
        (webp(), "image/webp"),
        (b"GIF89a", None),
        (b"RIFF0000WAVE", None),
        (b"", None),
        (b"%PDF-1.7", None),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", None),
    ],
    ids=["jpeg", "png", "webp", "gif", "wave", "empty", "pdf", "svg"],
)
def test_type_by_the_first_bytes(content: bytes, kind: str | None) -> None:
    assert sniff(content) == kind


@pytest.mark.parametrize("make, kind", [(jpeg, "image/jpeg"), (png, "image/png"), (webp, "image/webp")])
async def test_nothing_but_the_picture_is_left(make: object, kind: str) -> None:
    assert callable(make)
    safe = await make_safe(make(secret="31.23N 121.47E 13812345678") + b"trailing secret", kind)
    for trace in (b"secret", b"13812345678", b"Exif", b"ICC_PROFILE", b"xmp"):
        assert trace not in safe.content
    with Image.open(BytesIO(safe.content)) as image:
        assert not image.getexif()
        assert image.size == (safe.width, safe.height) == (8, 4)


def test_the_orientation_is_applied() -> None:
    safe = reencode(jpeg(orientation=6), "image/jpeg")
    assert (safe.width, safe.height) == (4, 8)


def test_transparency_stays() -> None:
    image = Image.new("P", (3, 3))
    image.info["transparency"] = 0
    out = BytesIO()
    image.save(out, "PNG", transparency=0)
    with Image.open(BytesIO(reencode(out.getvalue(), "image/png").content)) as safe:
        assert safe.mode == "RGBA"


@pytest.mark.parametrize(
    "content, kind",
    [
        (jpeg(), "image/png"),
        (png(), "image/jpeg"),
        (jpeg()[:200], "image/jpeg"),
        (png()[:40], "image/png"),
        (b"\xff\xd8\xff" + b"\x00" * 100, "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"", "image/webp"),
    ],
    ids=range(8),
)
def test_damaged_or_other_type(content: bytes, kind: str) -> None:
    with pytest.raises(ImageUnreadable):
        reencode(content, kind)


@pytest.mark.parametrize("size", [(60_000, 60_000), (10_000, 9_000), (7_100, 7_100), (16_001, 1)])
def test_pixels_are_bounded_before_decoding(size: tuple[int, int]) -> None:
    header = png(size=(1, 1))
    width, height = (side.to_bytes(4, "big") for side in size)
    from zlib import crc32

    chunk = b"IHDR" + width + height + header[24:29]
    bomb = header[:12] + chunk + crc32(chunk).to_bytes(4, "big") + header[33:]
    with pytest.raises(ImageTooLarge):
        reencode(bomb, "image/png")


async def test_slow_decoding_is_given_up() -> None:
    with pytest.raises(ImageUnreadable):
        await make_safe(png(size=(3000, 3000)), "image/png", seconds=0.0001)


def test_measure() -> None:
    assert measure(png()).media_type == "image/png"
    with pytest.raises(ImageUnreadable):
        measure(b"no picture")
