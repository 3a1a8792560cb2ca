"""Papers 打印件: a layout of Typst filled with data becomes a PDF whose Chinese is there on every machine.

    pdf = await make_paper(folder / "case_sheet.typ", {"title": "案件单"}, [photo])

The layout reads `data.json` and, by their place, `0.jpg`, `1.jpg`...: what people wrote is data and never
becomes markup. The font comes with a package, so none need be installed, and only what is used of it is
embedded; the text can be selected and searched.
"""

from __future__ import annotations

import asyncio
import io
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import manimgx_fonts_cjk
import orjson
import typst
from PIL import Image

FONTS = Path(manimgx_fonts_cjk.__file__).parent
PIXELS = 1200
"""Of a picture's longer side: sharp enough on half a page."""
AT_ONCE = 2
"""Papers that are set at the same time in one process; others wait."""


_setters = ThreadPoolExecutor(AT_ONCE, "papers")


async def make_paper(layout: Path, data: Mapping[str, Any], pictures: Sequence[bytes] = ()) -> bytes:
    """The PDF of the layout with this data; pictures are JPEG or PNG."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_setters, _made, layout, data, pictures)


def _made(layout: Path, data: Mapping[str, Any], pictures: Sequence[bytes]) -> bytes:
    with tempfile.TemporaryDirectory(prefix="jiayuan-paper-") as name:
        folder = Path(name)
        main = folder / "main.typ"
        main.write_bytes(layout.read_bytes())
        (folder / "data.json").write_bytes(orjson.dumps(data))
        for place, picture in enumerate(pictures):
            (folder / f"{place}.jpg").write_bytes(_smaller(picture))
        return bytes(typst.compile(main, root=folder, font_paths=[FONTS], ignore_system_fonts=True))


def _smaller(picture: bytes) -> bytes:
    """The picture as a JPEG of bounded size."""
    made = io.BytesIO()
    with Image.open(io.BytesIO(picture)) as image:
        image.thumbnail((PIXELS, PIXELS))
        image.convert("RGB").save(made, "JPEG", quality=80)
    return made.getvalue()
