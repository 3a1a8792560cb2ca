"""Bad input: each fault is a clear problem document in Chinese and English, and nothing is stored."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from libs.common.db import Database
from libs.common.ids import new_id
from libs.common.policy import Role
from libs.common.settings import Settings
from tests.grid.factories import ELSEWHERE, NEIGHBOURHOOD, REPORTER, as_
from tests.grid.reports.door import (
    JSON,
    LEAVE_OUT,
    Door,
    altered,
    changed,
    check_document,
    counts,
    pointers,
)

INSPECTOR = Role.INSPECTOR
POINT = {"lon": 121.4782, "lat": 31.2285, "crs": "GCJ02"}


async def test_the_good_report_from_which_the_bad_ones_differ(door: Door) -> None:
    before = await counts(door.database)
    answer = await door.client.put(f"/grid/v1/cases/{new_id()}", json=changed({}), headers=as_(INSPECTOR))
    assert answer.status_code == 201, answer.text
    after = await counts(door.database)
    assert {name for name in after if after[name] != before[name]} == {"grid_case", "outbox", "history"}


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b'{"channel": "inspector"',
        b'{"channel": "inspector",}',
        b"{'channel': 'inspector'}",
        b'{"channel": "inspector"} {}',
        b'{"category": "0202", "category": "0201"}',
        b'{"channel": "\xff\xfe"}',
        b'{"place": {"point": {"lon": NaN, "lat": 31.2, "crs": "GCJ02"}}}',
        b'{"place": {"point": {"lon": Infinity, "lat": 31.2, "crs": "GCJ02"}}}',
        b'{"place": {"point": {"lon": 121.4, "lat": -Infinity, "crs": "GCJ02"}}}',
        b'{"description": "\\ud800"}',
        b'{"description": "\\udc00\\ud800"}',
        b'{"description": "\xed\xa0\x80"}',
        b'{"description": "a\nb"}',
        b'{"description": "\x00"}',
        b"[" * 2000 + b"]" * 2000,
        b'{"place":' * 40 + b"{}" + b"}" * 40,
    ],
)
async def test_malformed_json(door: Door, raw: bytes) -> None:
    await door.refuses_report(400, "malformed-json", content=raw, headers=JSON)


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=gbk", ""]
)
async def test_what_is_not_json(door: Door, content_type: str) -> None:
    await door.refuses_report(
        415, "unsupported-content", content=b"{}", headers={"content-type": content_type}
    )


@pytest.mark.parametrize("raw", [b"null", b"[]", b'"report"', b"7", b"true"])
async def test_json_that_is_no_report(door: Door, raw: bytes) -> None:
    await door.refuses_report(422, "content-invalid", content=raw, headers=JSON)


@pytest.mark.parametrize("raw", ["\\u0000", "\\u0007", "\\u001b", "\\u007f", "\\u0085"])
async def test_nul_and_control_characters(door: Door, raw: str) -> None:
    body = b'{"channel": "inspector", "description": "a%sb"}' % raw.encode()
    document = await door.refuses_report(422, "control-characters", content=body, headers=JSON)
    assert pointers(document) == ["/description"]


async def test_noncharacters(door: Door) -> None:
    document = await door.refuses_report(422, "content-invalid", json=changed({"description": "a\ufffeb"}))
    assert pointers(document) == ["/description"]


@pytest.mark.parametrize(
    "pointer", ["/state", "/place/city", "/place/point/srid", "/reporter/id_number", "/self_handled/closed"]
)
async def test_unknown_fields(door: Door, pointer: str) -> None:
    given = {"/place/point": POINT} if "point" in pointer else {}
    document = await door.refuses_report(422, "content-invalid", json=changed({**given, pointer: "x"}))
    assert pointer in pointers(document)
    assert "extra_forbidden" in {error["code"] for error in document["errors"]}


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("/channel", LEAVE_OUT),
        ("/channel", 7),
        ("/channel", ""),
        ("/category", 202),
        ("/category", "202"),
        ("/category", "02020"),
        ("/category", "类别"),
        ("/category", None),
        ("/description", LEAVE_OUT),
        ("/description", ""),
        ("/description", "   "),
        ("/description", ["堆物"]),
        ("/description", "长" * 4001),
        ("/found_at", LEAVE_OUT),
        ("/found_at", True),
        ("/found_at", 1795399800),
        ("/found_at", 1795399800.5),
        ("/found_at", "昨天"),
        ("/found_at", "2026-11-23"),
        ("/found_at", "2026-11-23T09:50:00"),
        ("/found_at", "2026-13-23T09:50:00+08:00"),
        ("/found_at", "10000-01-01T00:00:00Z"),
        ("/found_at", "-2026-01-01T00:00:00Z"),
        ("/found_at", {"at": "2026-11-23T09:50:00+08:00"}),
        ("/place", LEAVE_OUT),
        ("/place", "武宁路"),
        ("/place", {}),
        ("/place", {"inside_wall": True}),
        ("/place/area", 310101002001),
        ("/place/area", "31010100200x"),
        ("/place/area", "１２"),
        ("/place/estate_id", "estate-7"),
        ("/place/address", "两\n行"),
        ("/place/inside_wall", "maybe"),
        ("/place/point", [121.4, 31.2]),
        ("/reporter", "张三"),
        ("/reporter/name", ""),
        ("/reporter/phone", "not a number"),
        ("/reporter/phone", 13812341234),
        ("/reporter/secret", "perhaps"),
        ("/reporter/secret", "true"),
        ("/reporter/consent", 1),
        ("/photos", "a" * 64),
        ("/photos", ["a" * 64] * 10),
        ("/source_number", "x" * 201),
        ("/self_handled", True),
    ],
)
async def test_wrong_types_and_lengths(door: Door, pointer: str, value: object) -> None:
    document = await door.refuses_report(422, "content-invalid", json=changed({pointer: value}))
    assert pointers(document) == [pointer]


@pytest.mark.parametrize("name", ["nothing", "A" * 64, "../" * 21 + "x", 7])
async def test_what_is_no_hash_of_a_photo(door: Door, name: object) -> None:
    document = await door.refuses_report(422, "content-invalid", json=changed({"/photos": [name]}))
    assert pointers(document) == ["/photos/0"]


async def test_all_faults_are_told_at_once(door: Door) -> None:
    body = changed({"/channel": 7, "/category": "x", "/found_at": "gestern", "/place/city": "上海"})
    document = await door.refuses_report(422, "content-invalid", json=body)
    assert pointers(document) == ["/channel", "/category", "/found_at", "/place/city"]


@pytest.mark.parametrize(
    ("change", "where", "kind"),
    [
        ({"crs": LEAVE_OUT}, "/place/point/crs", "missing"),
        ({"crs": None}, "/place/point/crs", "enum"),
        ({"crs": "EPSG:4326"}, "/place/point/crs", "enum"),
        ({"crs": "gcj02"}, "/place/point/crs", "enum"),
        ({"lat": LEAVE_OUT}, "/place/point/lat", "missing"),
        ({"lon": "东经"}, "/place/point/lon", "float_type"),
        ({"lon": None}, "/place/point/lon", "float_type"),
        ({"lon": "121.4782"}, "/place/point/lon", "float_type"),
        ({"lon": True}, "/place/point/lon", "float_type"),
        ({"lon": "NaN"}, "/place/point/lon", "float_type"),
    ],
)
async def test_coordinates_that_say_too_little(
    door: Door, change: dict[str, Any], where: str, kind: str
) -> None:
    point = {name: value for name, value in (POINT | change).items() if value is not LEAVE_OUT}
    document = await door.refuses_report(422, "content-invalid", json=changed({"/place/point": point}))
    assert pointers(document) == [where]
    assert document["errors"][0]["code"] == kind


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"lon": 116.4, "lat": 39.9}, "outside-area"),
        ({"lon": -74.0, "lat": 40.7}, "outside-area"),
        ({"lon": 121.4782, "lat": -31.2285}, "outside-area"),
        ({"lon": 0, "lat": 0}, "outside-area"),
        ({"lon": 31.2285, "lat": 121.4782}, "coordinate-swapped"),
        ({"lon": 181, "lat": 31.2}, "coordinate-invalid"),
        ({"lon": 121.4, "lat": 1e308}, "coordinate-invalid"),
        ({"lon": 180, "lat": 90, "crs": "BD09"}, "outside-area"),
    ],
)
async def test_coordinates_outside(door: Door, change: dict[str, Any], code: str) -> None:
    document = await door.refuses_report(422, code, json=changed({"/place/point": POINT | change}))
    assert pointers(document) == ["/place/point"]


async def test_a_number_beyond_all_bounds(door: Door) -> None:
    raw = b'{"place": {"point": {"lon": 1e999, "lat": 31.2, "crs": "GCJ02"}}}'
    answer = await door.client.put(f"/grid/v1/cases/{new_id()}", content=raw, headers=as_(INSPECTOR) | JSON)
    assert answer.status_code in (400, 422), answer.text
    check_document(answer, "zh")


NOBODY = "0160af04-9000-7000-8000-000000000000"


@pytest.mark.parametrize(
    ("place", "code", "where"),
    [
        ({"area": "310101002999"}, "place-unknown", "/place/area"),
        ({"area": "310101002001999"}, "place-unknown", "/place/area"),
        ({"area": "31010"}, "area-code-invalid", "/place/area"),
        ({"area": "310101000"}, "area-code-invalid", "/place/area"),
        ({"area": "31"}, "place-too-wide", "/place/area"),
        ({"area": "310101002"}, "place-too-wide", "/place/area"),
        ({"estate_id": NOBODY}, "place-unknown", "/place/estate_id"),
        ({"area": NEIGHBOURHOOD, "estate_id": NOBODY}, "place-unknown", "/place/estate_id"),
        ({"point": POINT, "estate_id": NOBODY}, "place-unknown", "/place/estate_id"),
    ],
)
async def test_places_that_do_not_exist(door: Door, place: dict[str, Any], code: str, where: str) -> None:
    document = await door.refuses_report(422, code, json=changed({"/place": place}))
    assert pointers(document) == [where]


@pytest.mark.parametrize(
    ("table", "key"), [("unit_grid", NEIGHBOURHOOD + "001"), ("area", NEIGHBOURHOOD), ("estate", None)]
)
@pytest.mark.parametrize("column", ["valid_to", "valid_from"])
async def test_places_that_have_ended_or_not_begun(
    door: Door, table: str, key: str | None, column: str
) -> None:
    name = "id" if key is None else "code"
    key = key or str(await an_estate(door.database))
    day = date(2026, 11, 22) if column == "valid_to" else date(2026, 11, 24)
    update = f"UPDATE {table} SET {column} = :day WHERE CAST({name} AS text) = :key"
    former = f"SELECT {column} FROM {table} WHERE CAST({name} AS text) = :key"
    was = await door.database.read(lambda s: s.scalar(text(former), {"key": key}))
    field = "estate_id" if name == "id" else "area"
    async with altered(door.database, update, update.replace(":day", ":was"), day=day, key=key, was=was):
        document = await door.refuses_report(422, "place-unknown", json=changed({"/place": {field: key}}))
    assert pointers(document) == [f"/place/{field}"]


async def an_estate(database: Database) -> UUID:
    """An estate that covers part of the neighbourhood."""
    statement = text("SELECT estate_id FROM estate_coverage WHERE area_code LIKE :prefix ORDER BY 1")
    found = await database.read(lambda s: s.scalar(statement, {"prefix": f"{NEIGHBOURHOOD}%"}))
    assert isinstance(found, UUID)
    return found


@pytest.mark.parametrize(
    "found_at",
    [
        "1999-12-31T23:59:59+08:00",
        "1970-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "0001-01-01T00:00:00Z",
        "2026-11-23T10:10:01+08:00",
        "2027-11-23T10:00:00+08:00",
        "9999-12-31T23:59:59-12:00",
        "9999-12-31T23:59:59Z",
    ],
)
async def test_times_before_2000_or_in_the_future(door: Door, found_at: str) -> None:
    document = await door.refuses_report(422, "time-out-of-range", json=changed({"/found_at": found_at}))
    assert pointers(document) == ["/found_at"]


@pytest.mark.parametrize(
    ("changes", "status", "code", "where"),
    [
        ({"/category": "9999"}, 422, "category-unknown", "/category"),
        ({"/channel": "pigeon"}, 422, "channel-unknown", "/channel"),
        ({"/channel": "12345"}, 403, "channel-not-yours", "/channel"),
        ({"/photos": ["f" * 64]}, 422, "media-unknown", "/photos/0"),
        ({"/place/area": ELSEWHERE + "005001"}, 422, "place-unknown", "/place/area"),
    ],
)
async def test_what_has_no_meaning_here(
    door: Door, changes: dict[str, Any], status: int, code: str, where: str
) -> None:
    document = await door.refuses_report(status, code, json=changed(changes))
    assert pointers(document) == [where]


async def test_a_photo_that_somebody_else_uploaded(door: Door) -> None:
    photo = await door.desk.photo("somebody", "d")
    document = await door.refuses_report(422, "media-unknown", json=changed({"/photos": [photo]}))
    assert pointers(document) == ["/photos/0"]


async def test_a_category_that_has_ended(door: Door) -> None:
    update = "UPDATE category SET valid_to = :day WHERE code = '0202'"
    back = "UPDATE category SET valid_to = NULL WHERE code = '0202'"
    async with altered(door.database, update, back, day=date(2026, 11, 22)):
        document = await door.refuses_report(422, "category-unknown", json=changed({}))
    assert pointers(document) == ["/category"]


@pytest.mark.parametrize("areas", [[], [ELSEWHERE], ["310101003"], ["310101002001001"]])
async def test_a_place_outside_the_callers_area(door: Door, areas: list[str]) -> None:
    headers = as_(INSPECTOR, areas=areas)
    document = await door.refuses_report(403, "outside-your-area", json=changed({}), headers=headers)
    assert pointers(document) == ["/place"]


@pytest.mark.parametrize(
    ("changes", "where", "code"),
    [
        ({"standard": "invented"}, "/self_handled/standard", "standard-unknown"),
        ({"photos": ["e" * 64]}, "/self_handled/photos/0", "media-unknown"),
        ({}, "/photos", "photos-missing"),
    ],
)
async def test_what_was_put_right_at_once(door: Door, changes: dict[str, Any], where: str, code: str) -> None:
    before = [await door.desk.photo()] if changes else []
    at_once = {"standard": "found", "photos": [await door.desk.photo(REPORTER, "b")], "note": "已清理"}
    body = changed({"/photos": before, "/self_handled": at_once | changes})
    document = await door.refuses_report(422, code, json=body)
    assert pointers(document) == [where]


@pytest.mark.parametrize(
    "case_id", ["3f2b8c1e-5d67-49ea-b393-59827877179b", NOBODY.replace("-7000-", "-1000-")]
)
async def test_an_id_that_is_no_uuidv7(door: Door, case_id: str) -> None:
    await door.refuses(
        "PUT", f"/grid/v1/cases/{case_id}", 422, "id-not-uuidv7", as_(INSPECTOR), json=changed({})
    )


@pytest.mark.parametrize("case_id", ["7", "x" * 36, "..", "%F0%9F%92%A9"])
async def test_an_id_that_is_none(door: Door, case_id: str) -> None:
    if case_id == "..":
        case_id = "%2E%2E"
    document = await door.refuses(
        "PUT", f"/grid/v1/cases/{case_id}", 422, "content-invalid", as_(INSPECTOR), json=changed({})
    )
    assert pointers(document) == ["case_id"]


async def test_an_address_with_control_characters(door: Door) -> None:
    for path in ("/grid/v1/cases/%00", "/grid/v1/cases/by-number/G%07", "/grid/v1/cases?q=%00"):
        await door.refuses("GET", path, 400, "malformed", as_(INSPECTOR))


class TestOversized:
    limit = Settings().body_limit

    async def test_declared(self, door: Door) -> None:
        body = b'{"description": "' + b"x" * self.limit + b'"}'
        await door.refuses_report(413, "body-too-large", content=body, headers=JSON)

    async def test_in_pieces_without_a_declared_length(self, door: Door) -> None:
        async def pieces() -> AsyncIterator[bytes]:
            for _ in range(self.limit // 65536 + 2):
                yield b" " * 65536

        answer = await door.client.put(
            f"/grid/v1/cases/{new_id()}", content=pieces(), headers=as_(INSPECTOR) | JSON
        )
        assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")

    async def test_an_address(self, door: Door) -> None:
        await door.refuses("GET", "/grid/v1/cases?q=" + "x" * 9000, 414, "address-too-long", as_(INSPECTOR))
