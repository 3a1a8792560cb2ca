from __future__ import annotations

import random
import re

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common import search
from libs.common.embedded.postgres import Postgres
from libs.common.search import folded, tokens, tsquery_text, tsvector_text

HAN = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=1, max_size=40)
PLAIN = re.compile(r"[^\s'\"\\:*|&!()<>_-]+")


def found(query: str, text: str) -> bool:
    """What PostgreSQL does with the two: every token of the query is among those of the text."""
    wanted = tsquery_text(query)
    return bool(wanted) and set(wanted.split(" & ")) <= set(tsvector_text(text).split(" "))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("網格", ["网", "网格", "格"]),
        ("楼道", ["楼", "楼道", "道"]),
        ("ＡＢＣ１２３", ["abc123"]),
        ("秀沿路1028弄", ["秀", "秀沿", "沿", "沿路", "路", "1028", "弄"]),
        ("G20261122-310115136", ["g20261122", "310115136"]),
        ("Straße ﬁre", ["strasse", "fire"]),
        ("人人", ["人", "人人"]),
        ("㎡ ①", ["m2", "1"]),
        ("々 かな 𠮷", ["々", "か", "かな", "な", "𠮷"]),
        ("a_b", ["a", "b"]),
        ("x" * 100, ["x" * 64]),
        ("，。！ \n", []),
        ("", []),
    ],
)
def test_tokens(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected
    assert tsvector_text(text) == " ".join(expected)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("网", "网"),
        ("网格", "网格"),
        ("住宅小区", "住宅 & 宅小 & 小区"),
        ("住宅 12号", "住宅 & 12 & 号"),
        ("住宅，住宅", "住宅"),
        (r"':*|&!()<->\ ", ""),
        (r"o'neill':* | drop", "o & neill & drop"),
        ("", ""),
    ],
)
def test_queries(query: str, expected: str) -> None:
    assert tsquery_text(query) == expected


@pytest.mark.parametrize(
    ("query", "text", "hit"),
    [
        ("綜合治理", "住宅小区综合治理", True),
        ("abc", "ＡＢＣ大厦", True),
        ("治", "综合治理", True),
        ("合理", "综合治理", False),
        ("治理 小区", "小区的治理", True),
        ("治理 网格", "小区的治理", False),
        ("&&", "小区", False),
    ],
)
def test_what_is_found(query: str, text: str, hit: bool) -> None:
    assert found(query, text) is hit


@given(HAN, st.data())
def test_every_part_of_a_chinese_text_finds_it(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    assert found(text[start:end], text)


@given(st.text())
def test_nothing_that_is_typed_becomes_an_operator(query: str) -> None:
    assert all(PLAIN.fullmatch(token) for token in tsquery_text(query).split(" & ") if token)
    assert all(PLAIN.fullmatch(token) for token in tokens(query))


@given(st.text())
def test_a_text_is_found_by_itself_and_folds_once(text: str) -> None:
    assert found(text, text) is bool(tokens(text))
    assert folded(folded(text)) == folded(text)


async def test_postgresql_reads_both_as_they_are_meant(postgres: Postgres) -> None:
    chance = random.Random(3)
    points = [
        *range(1, 0x250),
        *range(0x2000, 0x2100),
        *range(0x4E00, 0x4E40),
        *range(0xFF00, 0xFFF0),
        0x20BB7,
    ]
    texts = ["".join(map(chr, chance.choices(points, k=chance.randint(0, 12)))) for _ in range(3000)]
    texts += ["':*|&!()<->\\", "網格 12345", "x" * 3000, "1e5 0x1f 007 ²", "a'b\\c:*", "𠮷田"]
    rows = [(tsvector_text(text), tsquery_text(text)) for text in texts]
    at = postgres.address()
    connection = await asyncpg.connect(
        host="127.0.0.1", port=at.port, user=at.role, password=at.password, database=at.database
    )
    try:
        hits = await connection.fetch(
            "SELECT CAST(v AS tsvector) @@ CAST(q AS tsquery) AS hit, length(CAST(v AS tsvector)) AS words"
            " FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS row (v, q, n) ORDER BY n",
            *map(list, zip(*rows, strict=True)),
        )
    finally:
        await connection.close()
    for text, hit in zip(texts, hits, strict=True):
        assert hit["words"] == len(tokens(text)), text
        assert hit["hit"] is bool(tokens(text)), text


def test_traditional_characters_become_simplified_ones_and_others_stay() -> None:
    table = search._simplified.__wrapped__()
    assert {each: table.get(ord(each)) for each in "網樓网A"} == {
        "網": "网",
        "樓": "楼",
        "网": None,
        "A": None,
    }
