"""The bench itself works: what it reckons, what it writes, what it refuses. No clock is judged."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.bench import places, scripts
from tests.bench.__main__ import PARTS, main
from tests.bench.board import Board, Round
from tests.bench.figures import FIGURES
from tests.bench.generator import drive
from tests.bench.loads import bare_server
from tests.bench.scripts import Row, Sample


def test_every_figure_is_measured_by_one_part() -> None:
    assert sorted(name for names, _ in PARTS for name in names) == sorted(FIGURES)


def test_medians_and_spread_of_rounds_are_written(tmp_path: Path) -> None:
    board = Board("tmpfs")
    for reached, limit in ((50, 100), (40, 100), (90, 100)):
        board.add("intake_32", reached, limit)
    board.add("start", 4.5)
    board.write(tmp_path)
    written = json.loads((tmp_path / "bench.json").read_text("utf-8"))
    assert list(written) == ["intake_32", "start"]
    assert {name: written["intake_32"][name] for name in ("value", "rounds", "unit", "limit")} == {
        "value": 0.5, "rounds": [0.5, 0.4, 0.9], "unit": "ratio", "limit": 100.0,
    }  # fmt: skip
    assert (written["start"]["unit"], written["start"]["limit"]) == ("s", None)


def test_what_was_not_measured_again_is_kept(tmp_path: Path) -> None:
    for name in ("start", "locate"):
        board = Board("disk", {name: [Round(1.0, 2.0)]})
        board.write(tmp_path)
    assert sorted(json.loads((tmp_path / "bench.json").read_text("utf-8"))) == ["locate", "start"]


def test_a_figure_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    assert main(["--only", "nothing", "--root", str(tmp_path)]) == 2


def test_the_locator_is_measured_against_the_tree() -> None:
    board = Board("tmpfs")
    places.lookups(board, across=4, count=50)
    (one,) = board.rounds["locate"]
    assert one.reached > 0
    assert one.limit > 0


async def test_the_generator_counts_what_was_answered() -> None:
    order = {
        "journey": "reports", "connections": 3, "seconds": 0.3, "warm": 0.0, "tokens": ["a", "b", "c"],
        "points": [[121.4, 31.2]], "found_at": "2026-11-23T10:00:00+08:00",
    }  # fmt: skip
    with bare_server() as url:
        told = await drive({**order, "url": url})
    counted = len(told["times"]["report"])
    assert counted > 3
    assert 0 <= told["statuses"]["201"] - counted <= 3
    assert told["refusals"] == []


@pytest.mark.parametrize("make", [scripts.row_by_row, scripts.many_rows])
def test_scripts_write_the_sample_with_keys_of_their_own(tmp_path: Path, make: object) -> None:
    row = Row("grid_case", {"id": "'1'::uuid", "receipt_number": "'R'::text", "area": "'31'::text"})
    told = Row("history", {"aggregate_id": "'1'::uuid"})
    sent = Row("outbox", {"aggregate_id": "'1'::uuid", "event_id": "'2'::uuid"})
    assert callable(make)
    (file,) = make(tmp_path, [Sample(row, told, sent)])
    text = file.read_text("utf-8")
    assert "'31'::text" in text
    assert "'1'::uuid" not in text
    assert ":client_id" in text
