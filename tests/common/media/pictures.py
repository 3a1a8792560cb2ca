"""Small pictures with everything in them that must not stay."""

from __future__ import annotations

from functools import cache
from io import BytesIO

from PIL import Image, ImageCms, PngImagePlugin


def _exif(secret: str, orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = secret
    return exif


@cache  # It holds the time of its making.
def _profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def jpeg(secret: str = "secret", orientation: int = 1, shade: int = 120) -> bytes:
    out = BytesIO()
    image = Image.new("RGB", (8, 4), (shade, 30, 30))
    image.save(
        out,
        "JPEG",
        exif=_exif(secret, orientation),
        comment=secret.encode(),
        icc_profile=_profile(),
        xmp=f"<x:xmpmeta>{secret} xmp</x:xmpmeta>".encode(),
    )
    return out.getvalue()


def png(secret: str = "secret", size: tuple[int, int] = (8, 4)) -> bytes:
    out = BytesIO()
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Comment", secret)
    Image.new("RGB", size, (30, 120, 30)).save(
        out, "PNG", pnginfo=texts, exif=_exif(secret, 1), icc_profile=_profile()
    )
    return out.getvalue()


def webp(secret: str = "secret") -> bytes:
    out = BytesIO()
    Image.new("RGB", (8, 4), (30, 30, 120)).save(
        out, "WEBP", exif=_exif(secret, 1), icc_profile=_profile(), xmp=f"<x>{secret} xmp</x>".encode()
    )
    return out.getvalue()
