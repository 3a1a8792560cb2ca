"""The file of dispute types, and which version may follow which."""

from __future__ import annotations

from datetime import date

import pytest
import yaml

from libs.common.loading import data_folder
from services.disputes.main import SERVICE
from services.disputes.types.domain import Basis, TypeEnded, TypeFile, VersionNotLater, check_next, day_before

FILE = TypeFile.model_validate(yaml.safe_load((data_folder(SERVICE) / "types.yaml").read_text("utf-8")))
NAMED = {"property-service", "committee-duty", "parking", "owner-owner", "other"}
FIRST, LATER = date(2026, 1, 1), date(2026, 7, 1)


def test_the_file_says_what_is_named_and_what_is_implied() -> None:
    codes = [row.code for row in FILE.types]
    assert len(codes) == len(set(codes)) == 25
    assert {row.code for row in FILE.types if row.basis is Basis.NAMED} == NAMED
    assert {row.group for row in FILE.types} == set(FILE.groups)
    assert all(FILE.fields_of(row).source for row in FILE.types)


def test_sources_are_spelled_out() -> None:
    parking = next(row for row in FILE.types if row.code == "parking")
    assert FILE.fields_of(parking).source == "；".join(FILE.sources[key] for key in ("sh", "kq"))


@pytest.mark.parametrize(
    ("last", "refusal"),
    [
        ((FIRST, None), None),
        ((LATER, None), VersionNotLater),
        ((date(2026, 8, 1), None), VersionNotLater),
        ((FIRST, date(2026, 6, 30)), TypeEnded),
    ],
)
def test_a_version_follows_an_open_and_earlier_one(
    last: tuple[date, date | None], refusal: type[Exception] | None
) -> None:
    if refusal is None:
        check_next("parking", last, LATER)
        return
    with pytest.raises(refusal):
        check_next("parking", last, LATER)


def test_a_version_ends_on_the_day_before_the_next() -> None:
    assert day_before(LATER) == date(2026, 6, 30)
