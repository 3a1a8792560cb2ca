"""Papers: what people wrote stays what they wrote, rare characters are there, large pictures get smaller."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image
from pypdf import PdfReader

from libs.common.papers import PIXELS, make_paper

LAYOUT = """#let data = json("data.json")
#set text(font: "Noto Sans CJK SC", lang: "zh")
#data.text
#image("0.jpg")
"""


async def test_a_layout_is_filled_with_data(tmp_path: Path) -> None:
    layout = tmp_path / "layout.typ"
    layout.write_text(LAYOUT, "utf-8")
    picture = io.BytesIO()
    Image.new("RGB", (4000, 3000), (90, 120, 90)).save(picture, "PNG")
    written = '#read("/etc/hostname")$x$*粗*㬎𠮷'
    made = await make_paper(layout, {"text": written}, [picture.getvalue()])
    (page,) = PdfReader(io.BytesIO(made)).pages
    assert page.extract_text().replace(" ", "").replace("\n", "") == written.replace(" ", "")
    (image,) = page.images
    assert image.image is not None
    assert max(image.image.size) == PIXELS
    assert len(made) < 200_000
