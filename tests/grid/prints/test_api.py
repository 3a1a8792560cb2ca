"""The sheet of a case: what its reader may see, in Chinese that can be selected, on record."""

from __future__ import annotations

import io
from typing import Any

import httpx
from PIL import Image
from pypdf import PdfReader

from libs.common.media.store import digest
from libs.common.policy import Role
from tests.grid.factories import REPORTER, Desk, as_, outbox


def photo() -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (800, 600), (180, 140, 90)).save(made, "JPEG")
    return made.getvalue()


async def printed(desk: Desk, case_id: object, *roles: Role, **who: Any) -> httpx.Response:
    return await desk.client.get(f"/grid/v1/cases/{case_id}/sheet", headers=as_(*roles, **who))


async def with_photo(desk: Desk) -> Any:
    """A closed case whose reporter left name and telephone, and uploaded a photo."""
    content = photo()
    headers = as_(Role.INSPECTOR, subject=REPORTER) | {"content-type": "image/jpeg"}
    sent = await desk.client.put(f"/grid/v1/media/{digest(content)}", content=content, headers=headers)
    assert sent.status_code == 201, sent.text
    teller = {"name": "张三丰", "phone": "13812341234"}
    case_id = await desk.report(
        photos=[digest(content)], reporter=teller, description="3号楼#2层 $堆放纸箱$，请回电13812341234"
    )
    await desk.step(case_id, "accept")
    return case_id


async def test_a_sheet_shows_the_case_masked_with_its_steps_and_photos(desk: Desk) -> None:
    case_id = await with_photo(desk)
    answer = await printed(desk, case_id, Role.DISPATCHER)
    assert answer.status_code == 200, answer.text
    case = await desk.case(case_id)
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == f'attachment; filename="{case.number}.pdf"'
    read = PdfReader(io.BytesIO(answer.content))
    text = "".join(page.extract_text() for page in read.pages)
    for shown in (
        "网格案件单", case.number, "楼道堆物（0202）", "张** 138****1234", "3号楼#2层 $堆放纸箱$", "受理员",
        "第1页 共", "dispatcher-1 打印于 2026年11月23日 10:00",
    ):  # fmt: skip
        assert shown is not None
        assert shown.replace(" ", "") in text.replace(" ", "").replace("\n", ""), shown
    assert "13812341234" not in text
    assert "张三丰" not in text
    assert sum(len(page.images) for page in read.pages) == 1
    (event,) = [one.payload for one in await outbox(desk.database, "jiayuan.grid.access.v1")]
    assert (event["action"], event["subject_id"]) == ("printed", str(case_id))


async def test_who_may_not_read_it_prints_nothing(desk: Desk) -> None:
    case_id = await desk.report()
    assert (await printed(desk, case_id, Role.DISPATCHER, areas=("310107",))).status_code == 404
    assert (await printed(desk, case_id, Role.UNIT_CLERK)).status_code == 403
    assert await outbox(desk.database, "jiayuan.grid.access.v1") == []
