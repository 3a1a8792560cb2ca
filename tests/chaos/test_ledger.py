"""The ledger: append-only, readable after a kill in the middle of a line."""

from __future__ import annotations

from pathlib import Path

from libs.common.ids import new_id
from tests.chaos.ledger import Account, Answer, Ledger, Write, accounts


def test_every_mark_is_read_back_by_write(tmp_path: Path) -> None:
    case_id = new_id()
    report, accept = Write(case_id, case_id, "report"), Write(new_id(), case_id, "accept")
    with Ledger(tmp_path / "ledger") as ledger:
        ledger.sent(report)
        ledger.unknown(report, "ConnectError")
        ledger.sent(report)
        ledger.acknowledged(report, Answer("R1", 1))
        ledger.sent(accept)
        ledger.refused(accept, "412")
    assert accounts(tmp_path / "ledger") == {
        report.id: Account(report, sent=2, unknown=1, answers=[Answer("R1", 1)]),
        accept.id: Account(accept, sent=1, refusals=["412"]),
    }


def test_it_is_appended_to_and_a_torn_last_line_is_left_out(tmp_path: Path) -> None:
    case_id = new_id()
    write = Write(case_id, case_id, "report")
    path = tmp_path / "ledger"
    for _ in range(2):
        with Ledger(path) as ledger:
            ledger.sent(write)
    with path.open("ab") as file:
        file.write(b'{"mark": "ackno')
    account = accounts(path)[write.id]
    assert account.sent == 2
    assert not account.acknowledged
