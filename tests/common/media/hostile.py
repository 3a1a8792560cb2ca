"""Uploads that mean harm: what is two things at once, what is not what it says, what grows when opened."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from struct import pack
from zlib import compress, crc32

from PIL import Image

from tests.common.media.pictures import jpeg, png, webp

SCRIPT = b"<html><script>alert(document.domain)</script></html>"
PHP = b"<?php system($_GET['c']); ?>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
TRACES = (b"<script", b"<?php", b"PK\x03\x04", b"%PDF", b"onload=", b"/bin/sh")
"""What must not be left of any of them."""
BIG = 24 << 20


@dataclass(frozen=True)
class Bad:
    """What is sent as which type, and how it is refused."""

    content: bytes
    kind: str
    status: int
    code: str


def _zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("run.sh", "#!/bin/sh\nid")
    return out.getvalue()


def _chunk(name: bytes, data: bytes) -> bytes:
    return pack(">I", len(data)) + name + data + pack(">I", crc32(name + data))


def _with_chunk(name: bytes, data: bytes) -> bytes:
    """A small PNG with one more chunk behind its header."""
    whole = png()
    return whole[:33] + _chunk(name, data) + whole[33:]


def _claiming(width: int, height: int, data: bytes = b"") -> bytes:
    """A PNG whose header claims this size, whatever its data holds."""
    head = pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    signature = b"\x89PNG\r\n\x1a\n"
    return signature + _chunk(b"IHDR", head) + _chunk(b"IDAT", compress(data)) + _chunk(b"IEND", b"")


def _frames(kind: str) -> bytes:
    """An animation whose second frame hides a picture of its own."""
    out = io.BytesIO()
    first, second = (Image.new("RGB", (8, 4), shade) for shade in ("red", "blue"))
    first.save(out, kind, save_all=True, append_images=[second] * 50, duration=40)
    return out.getvalue()


POLYGLOTS: Mapping[str, tuple[bytes, str]] = {
    "JPEG and HTML behind it": (jpeg() + SCRIPT, "image/jpeg"),
    "JPEG with HTML as its comment": (jpeg(secret=SCRIPT.decode()), "image/jpeg"),
    "JPEG and an archive behind it": (jpeg() + _zip(), "image/jpeg"),
    "JPEG and a document behind it": (jpeg() + b"%PDF-1.7\n%%EOF", "image/jpeg"),
    "PNG with PHP as its text": (png(secret=PHP.decode()), "image/png"),
    "PNG with a chunk of its own": (_with_chunk(b"prVt", SVG), "image/png"),
    "PNG and PHP behind it": (png() + PHP, "image/png"),
    "WebP with a script as its XMP": (webp(secret=SCRIPT.decode()), "image/webp"),
    "WebP and a program behind it": (webp() + b"#!/bin/sh\nid\n", "image/webp"),
    "PNG that moves": (_frames("PNG") + SCRIPT, "image/png"),
    "WebP that moves": (_frames("WEBP"), "image/webp"),
    "PNG that holds more than it shows": (_claiming(8, 4, b"\0" * BIG), "image/png"),
}
"""Pictures that are something else too: taken, and only the picture is left."""

_UNREADABLE = (422, "image-unreadable")
_LARGE = (422, "image-too-large")
_TYPE = (415, "unsupported-content")

REFUSED: Mapping[str, Bad] = {
    "HTML as JPEG": Bad(SCRIPT, "image/jpeg", *_UNREADABLE),
    "SVG as PNG": Bad(SVG, "image/png", *_UNREADABLE),
    "HTML behind JPEG's first bytes": Bad(b"\xff\xd8\xff" + SCRIPT, "image/jpeg", *_UNREADABLE),
    "script behind WebP's first bytes": Bad(b"RIFF\xff\xff\xff\xffWEBP" + SCRIPT, "image/webp", *_UNREADABLE),
    "GIF that is a script": Bad(b"GIF89a=1;alert(1)//", "image/jpeg", *_UNREADABLE),
    "archive as PNG": Bad(_zip(), "image/png", *_UNREADABLE),
    "document with a JPEG in it": Bad(b"%PDF-1.7\n" + jpeg(), "image/jpeg", *_UNREADABLE),
    "program as JPEG": Bad(b"\x7fELF" + b"\0" * 200, "image/jpeg", *_UNREADABLE),
    "PNG as JPEG": Bad(png(), "image/jpeg", *_UNREADABLE),
    "JPEG as WebP": Bad(jpeg(), "image/webp", *_UNREADABLE),
    "half a JPEG": Bad(jpeg()[:-200], "image/jpeg", *_UNREADABLE),
    "nothing": Bad(b"", "image/png", *_UNREADABLE),
    "3,600 million pixels in 70 bytes": Bad(_claiming(60_000, 60_000), "image/png", *_LARGE),
    "one pixel more than is decoded": Bad(_claiming(10_000, 5_001), "image/png", *_LARGE),
    "one line that is too long": Bad(_claiming(1_000_000, 1), "image/png", *_LARGE),
    "a negative size": Bad(_claiming(0, 0), "image/png", *_UNREADABLE),
    "text that inflates": Bad(
        _with_chunk(b"zTXt", b"a\0\0" + compress(b"a" * BIG)), "image/png", *_UNREADABLE
    ),
    "HTML": Bad(SCRIPT, "text/html", *_TYPE),
    "SVG": Bad(SVG, "image/svg+xml", *_TYPE),
    "a form": Bad(b"--x\r\n\r\n" + jpeg() + b"\r\n--x--", "multipart/form-data; boundary=x", *_TYPE),
    "no type": Bad(jpeg(), "", *_TYPE),
}
"""What is no picture, or one that is not decoded."""
