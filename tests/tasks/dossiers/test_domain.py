from __future__ import annotations

import pytest

from libs.common.contracts.handover import Contents
from services.tasks.dossiers.domain import masked, masked_note


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("打13800001234找我", "打138****1234找我"),
        ("证310101199001011234号", "证310***********1234号"),
        ("3号楼2层，共12345元", "3号楼2层，共12345元"),
    ],
)
def test_numbers_that_name_a_person_are_masked_in_text(text: str, expected: str) -> None:
    assert masked_note(text) == expected


def test_contents_without_persons_stay_as_they_are() -> None:
    contents = Contents(title="井盖缺失")
    assert masked(contents) == contents
