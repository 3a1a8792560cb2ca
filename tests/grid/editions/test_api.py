"""The catalogue out and in again over HTTP: nothing lost, wrong cells told, running cases left alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from libs.common.db import Database
from libs.common.ids import new_id
from libs.common.loading import data_folder
from libs.common.policy import Role
from services.grid.catalogue import service as catalogue
from services.grid.main import SERVICE
from tests.grid.editions.books import BASE, FROM, Edited, exported, imported
from tests.grid.factories import Desk, as_, outbox, report_body

TOPIC = "jiayuan.grid.category.v1"
NEW = {
    "立案条件": "现场存在", "立案条件（英文）": "Present", "处置时限": 3, "时限单位": "工作日",
    "结案条件": "清除", "结案条件（英文）": "Cleared", "严重程度": "较重",
    "法律依据": "上海市市容环境卫生管理条例",
    "可结案循环": "微循环、小循环", "来源": "区城运中心 2026 年第 9 号通知",
}  # fmt: skip


def with_new_category(book: Edited) -> Edited:
    """One more category with an item and a standard."""
    book.add("小类", 小类代码="0398", 小类名称="共享单车淤积", 英文名称="Heaps of shared bicycles")
    book.add("子类", 子类代码="039801", 子类名称="围墙外", 英文名称="Outside the wall")
    book.add("标准", 小类代码="0398", 标准代码="found", **NEW)
    return book


async def refused(desk: Desk, category: str) -> str:
    """The code of the problem when the category is reported."""
    found_at, photos = desk.clock.now.isoformat(), [await desk.photo("inspector-1")]
    body = report_body(category=category, found_at=found_at, photos=photos)
    answer = await desk.client.put(f"/grid/v1/cases/{new_id()}", json=body, headers=as_(Role.INSPECTOR))
    return str(answer.json()["code"])


async def editions(database: Database) -> int:
    return int(await database.read(lambda s: s.scalar(text("SELECT count(*) FROM catalogue_edition"))) or 0)


async def test_what_is_exported_changes_nothing_when_imported(desk: Desk) -> None:
    content = (await exported(desk)).content()
    for dry_run in (True, False):
        answer = await imported(desk, content, dry_run=dry_run)
        assert answer.status_code == 200, answer.text
        assert answer.json() == {
            "dry_run": dry_run, "edition": None, "effective_from": FROM, "changes": [],
        }  # fmt: skip
    assert (await editions(desk.database), await outbox(desk.database, TOPIC)) == (0, [])


async def test_a_workbook_becomes_the_catalogue_from_its_day_on(desk: Desk) -> None:
    running = await desk.filed("0202", "found")
    book = with_new_category(await exported(desk))
    book.put("标准", book.row("标准", "0202", "found"), "处置时限", 5)
    book.drop("小类", "0604")
    while "0604" in {cell.value for cell in book.book["标准"]["A"]}:
        book.drop("标准", "0604")
    tried = await imported(desk, book.content(), dry_run=True)
    assert (await editions(desk.database), await outbox(desk.database, TOPIC)) == (0, [])
    answer = await imported(desk, book.content())
    assert (answer.status_code, answer.json()["edition"]) == (200, 1), answer.text
    assert answer.json()["changes"] == tried.json()["changes"]
    told = {(row["key"], row["what"]) for row in answer.json()["changes"]}
    assert told >= {
        ("0398", "added"), ("039801", "added"), ("0398/found", "added"), ("0202/found", "changed"),
        ("0604", "retired"),
    }  # fmt: skip
    assert {event.payload["code"] for event in await outbox(desk.database, TOPIC)} == {"0202", "0398", "0604"}

    now = await desk.client.get("/grid/v1/categories/0202", headers=as_(Role.ACCEPTOR))
    assert [s["limit_amount"] for s in now.json()["standards"]] == [1], "it is not yet December"
    assert await refused(desk, "0398") == "category-unknown", "it is not yet December"
    desk.clock.tick(timedelta(days=10))
    new = (await desk.client.get("/grid/v1/categories/0398", headers=as_(Role.ACCEPTOR))).json()
    (standard,) = new["standards"]
    assert (standard["severity"], standard["loops"]) == ("serious", ["micro", "small"])
    assert [item["code"] for item in new["items"]] == ["039801"]
    assert await refused(desk, "0604") == "category-unknown"
    assert (await desk.case(running)).limit_amount == 1, "a running case keeps its standard"
    later = await desk.filed("0202", "found")
    assert (await desk.case(later)).limit_amount == 5

    listed = await desk.client.get(f"{BASE}/editions", headers=as_(Role.ACCEPTOR))
    (edition,) = listed.json()["items"]
    assert (edition["number"], edition["made_by"]) == (1, "administrator-1")
    assert edition["counts"]["category-added"] == 1
    said = await desk.database.transact(lambda s: catalogue.load_categories(s, data_folder(SERVICE)))
    assert said.endswith(" 0 changed"), "files are not loaded over a city's own catalogue"
    again = await imported(desk, (await exported(desk)).content(), day="2026-12-10")
    assert again.json()["changes"] == []


@pytest.mark.parametrize(
    ("sheet", "title", "value", "code", "column"),
    [
        ("大类", "案件属性", "火星", "choice-unknown", "A"),
        ("小类", "小类代码", "12", "string_pattern_mismatch", "A"),
        ("小类", "小类名称", None, "missing", "B"),
        ("小类", "小类名称", "=1+1", "formula", "B"),
        ("标准", "处置时限", "很快", "number-wanted", "E"),
        ("标准", "处置时限", 0, "greater_than_equal", "E"),
        ("标准", "时限单位", "光年", "choice-unknown", "F"),
        ("标准", "结案照片数", 10, "less_than_equal", "J"),
        ("标准", "可结案循环", "自循环、太空", "choice-unknown", "M"),
        ("标准", "小类代码", "0999", "parent-unknown", "A"),
    ],
)
async def test_a_wrong_cell_is_told_and_nothing_is_changed(
    desk: Desk, sheet: str, title: str, value: Any, code: str, column: str
) -> None:
    book = await exported(desk)
    book.put(sheet, 3, title, value)
    if value is None:
        book.book[sheet].cell(3, 2).value = None
    answer = await imported(desk, book.content())
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, "table-invalid"), answer.text
    first = problem["errors"][0]
    assert (first["sheet"], first["row"], first["column"], first["cell"], first["code"]) == (
        sheet, 3, title, f"{column}3", code,
    )  # fmt: skip
    assert await editions(desk.database) == 0


async def test_many_wrong_cells_are_told_at_once(desk: Desk) -> None:
    book = await exported(desk)
    for row in range(2, 8):
        book.put("标准", row, "处置时限", "不详")
    problem = (await imported(desk, book.content(), dry_run=True)).json()
    assert [error["cell"] for error in problem["errors"]] == [f"E{row}" for row in range(2, 8)]
    assert problem["data"] == {"count": 6}


async def test_what_is_refused_as_a_whole(desk: Desk) -> None:
    content = (await exported(desk)).content()
    late = await imported(desk, content, day="2026-11-22")
    assert (late.status_code, late.json()["code"]) == (422, "effective-date-past")
    broken = await imported(desk, b"code,name")
    assert (broken.status_code, broken.json()["code"]) == (422, "table-refused")
    headers = as_(Role.ADMINISTRATOR) | {"content-type": "text/csv"}
    other = await desk.client.post(
        f"{BASE}/import", params={"effective_from": FROM}, content=content, headers=headers
    )
    assert other.status_code == 415
    assert (await imported(desk, content, role=Role.DISPATCHER)).status_code == 403
    book = Edited(content)
    book.put("标准", book.row("标准", "0202", "found"), "处置时限", 5)
    assert (await imported(desk, book.content(), day="2026-11-23")).status_code == 200
    book.put("标准", book.row("标准", "0202", "found"), "处置时限", 6)
    same = await imported(desk, book.content(), day="2026-11-23")
    assert [error["code"] for error in same.json()["errors"]] == ["effective-date-not-later"]


async def test_what_the_hotline_rule_gives_to_unknown_orders_stays(desk: Desk) -> None:
    book = await exported(desk)
    book.drop("小类", "0602")
    while "0602" in {cell.value for cell in book.book["标准"]["A"]}:
        book.drop("标准", "0602")
    answer = await imported(desk, book.content())
    assert (answer.status_code, answer.json()["code"]) == (409, "category-needed")
    assert await editions(desk.database) == 0


async def test_lists_are_narrowed_by_attribute_and_class(desk: Desk) -> None:
    async def codes(**params: str) -> list[str]:
        answer = await desk.client.get("/grid/v1/categories", params=params, headers=as_(Role.INSPECTOR))
        return [row["code"] for row in answer.json()["items"]]

    assert all(code.startswith("03") for code in await codes(group="03"))
    assert {code[0] for code in await codes(attribute="component")} == {"1"}
    assert len(await codes(attribute="estate")) == 39
    classes = await desk.client.get(f"{BASE}/classes", headers=as_(Role.INSPECTOR))
    assert {row["code"]: len(row["groups"]) for row in classes.json()["items"]} == {
        "component": 5, "event": 6, "estate": 6,
    }  # fmt: skip
