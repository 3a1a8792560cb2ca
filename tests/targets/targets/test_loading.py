"""The 143 targets of the public documents, and the traps in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import select

from libs.common.clocks import local_date, utc_now
from libs.common.db import Database
from libs.common.ids import stable_id
from libs.common.service import Loaded
from libs.common.tree import repository_root
from services.targets.plans import service as plans
from services.targets.plans.domain import PlanState
from services.targets.plans.sources import read_plans
from services.targets.targets import loading, service
from services.targets.targets.domain import TargetFields, is_unassigned
from services.targets.targets.models import Target, TargetValue
from services.targets.targets.sources import read_targets
from services.tasks.units import service as units
from tests.targets.factories import by, outbox

DATA = repository_root() / "services/targets/data"
YEAR = local_date(utc_now()).year
TOPIC = "jiayuan.targets.target.v1"
OF_DOCUMENTS = {
    "sh-mh-2018": 53, "kq-mh": 27, "pt-my-2018": 23, "hp-open-2019": 10, "hp-old-2019": 3, "bs-zh-2007": 27,
}  # fmt: skip


@pytest.fixture(scope="module")
def fields() -> dict[str, TargetFields]:
    """Every target of the files, by code."""
    made, refused = read_plans(DATA, YEAR)
    assert not refused
    targets, wrong = read_targets(DATA, YEAR, dict(made))
    assert not wrong
    return {each.code: each for _, each in targets}


async def load(database: Database, folder: Path = DATA) -> Loaded:
    """Load plans and targets."""
    await database.transact(lambda s: plans.load(s, folder))
    return await database.transact(lambda s: loading.load(s, folder))


def test_each_document_contributes_what_it_holds(fields: dict[str, TargetFields]) -> None:
    counted = Counter(each.plan_id for each in fields.values() if not each.demonstration)
    assert counted == {stable_id("plan", code): count for code, count in OF_DOCUMENTS.items()}


def test_the_citys_plan_stands_once_though_two_documents_print_it(fields: dict[str, TargetFields]) -> None:
    city = [each for code, each in fields.items() if code.startswith("SH-")]
    assert len(city) == 53
    assert all(any("康桥镇转发" in where for where in each.also_in) for each in city)


def test_eight_chargers_are_one_target_and_thirteen_is_named_twice(fields: dict[str, TargetFields]) -> None:
    eight = [f for c, f in fields.items() if c.startswith("KQ-") and f.wanted.value == 8]
    assert [each.code for each in eight] == ["KQ-T11"]
    assert (eight[0].clause, len(eight[0].also_in)) == ("四·8", 1)
    assert len(fields["BS-T04"].also_in) == 1
    assert len(fields["BS-T01"].also_in) == 1


@pytest.mark.parametrize(
    "code, parent, relation, adds",
    [
        ("SH-T02", "SH-T01", "part_of", False),
        ("SH-T03", "SH-T02", "part_of", False),
        ("SH-T04", "SH-T02", "part_of", False),
        ("BS-T04", "BS-T03", "part_of", False),
        ("BS-T02", "BS-T01", "slice_of", True),
        ("KQ-T10", "KQ-T09", "numerator_of", False),
        ("KQ-T01", "SH-T01", "contributes_to", True),
        ("KQ-T11", "SH-T09", "contributes_to", True),
        ("KQ-T22", "SH-T12", "contributes_to", True),
        ("PT-T08", "SH-T02", "contributes_to", True),
        ("KQ-T16", "SH-T18", "supports", False),
        ("KQ-T06", "SH-T23", "supports", False),
    ],
)
def test_relations(
    fields: dict[str, TargetFields], code: str, parent: str, relation: str, *, adds: bool
) -> None:
    told = fields[code]
    assert told.relation is not None
    assert (told.parent_id, told.relation.value) == (stable_id("target", parent), relation)
    assert told.relation.adds is adds


def test_square_metres_and_ten_thousands_of_them_are_the_same_measure(
    fields: dict[str, TargetFields],
) -> None:
    town, city = fields["KQ-T01"].wanted, fields["SH-T01"].wanted
    assert (town.value, town.unit, town.floor, town.base_unit) == (
        Decimal(59017), "m2", Decimal(59017), "m2",
    )  # fmt: skip
    assert (city.value, city.unit, city.floor, city.base_unit) == (
        Decimal(3000), "wan_m2", Decimal(30_000_000), "m2",
    )  # fmt: skip
    assert fields["PT-T08"].wanted.floor == Decimal(555_000)


def test_different_populations_are_told_apart(fields: dict[str, TargetFields]) -> None:
    assert fields["KQ-T16"].denominator_zh != fields["SH-T18"].denominator_zh
    assert fields["SH-T06"].relation is fields["SH-T08"].relation is None
    assert fields["KQ-T20"].parent_id is None


def test_a_target_may_outlive_its_plan_and_the_start_is_no_figure_of_what_is_done(
    fields: dict[str, TargetFields],
) -> None:
    told = fields["PT-T08"]
    assert told.deadline == date(2023, 12, 31)
    assert [(step.by, step.value) for step in told.milestones] == [
        (date(2020, 12, 31), None),
        (date(2023, 12, 31), Decimal("55.5")),
    ]


def test_wording_ranges_rhythms_and_baselines_are_kept(fields: dict[str, TargetFields]) -> None:
    least = fields["BS-T05"].wanted
    assert (least.value_min, least.value_max, least.floor) == (Decimal(1), Decimal(2), Decimal(1))
    assert (fields["BS-T12"].recurrence, fields["BS-T13"].recurrence) == ("half_year", "quarter")
    assert fields["SH-T30"].soft
    assert not fields["SH-T27"].soft
    assert fields["SH-T38"].already_met
    assert (fields["SH-T39"].baseline, fields["SH-T39"].aggregation) == (Decimal(8), "none")
    assert fields["BS-T02"].start == date(2008, 1, 1)
    assert fields["BS-T01"].annual[0].inferred


def test_what_is_inferred_says_so(fields: dict[str, TargetFields]) -> None:
    inferred = Counter(code.split("-")[0] for code, each in fields.items() if each.deadline_inferred)
    assert inferred == {"KQ": 27, "BS": 26, "PT": 1}
    undated = sorted(code for code, each in fields.items() if each.deadline is None)
    assert undated == ["HP-T11", "HP-T12", "HP-T13"]


def test_every_unit_that_is_named_exists(fields: dict[str, TargetFields]) -> None:
    known = units.units_of(units.read_files(repository_root() / "services/tasks/data"))
    named = {each.unit_id for told in fields.values() for each in told.responsible}
    assert named <= known.keys()
    assert sum(is_unassigned(told.responsible) for told in fields.values() if not told.demonstration) == 72


async def test_loading_writes_each_row_once(database: Database) -> None:
    first = await load(database)
    assert first.summary == "157 targets: 157 new, 0 changed"
    assert first.refused == ()
    assert {code: told["targets"] for code, told in first.by_source.items()} == OF_DOCUMENTS | {
        f"demo-{YEAR}": 14
    }
    sent = await outbox(database, TOPIC)
    assert len(sent) == 157
    second = await database.transact(lambda s: loading.load(s, DATA))
    assert second.summary == "157 targets: 0 new, 0 changed"
    assert len(await outbox(database, TOPIC)) == 157


async def test_what_outlives_its_plan_stays_judged_and_so_does_what_has_no_end(database: Database) -> None:
    await load(database)
    judged = {each.code for each in await database.read(service.judged) if not each.demonstration}
    assert judged == {"PT-T08", "HP-T11", "HP-T12", "HP-T13"}
    state = await database.read(lambda s: plans.read(s, stable_id("plan", "pt-my-2018")))
    assert state.state == PlanState.CONCLUDED


async def test_a_revision_outlives_the_next_load_and_a_changed_row_counts_from_today(
    database: Database, tmp_path: Path
) -> None:
    await load(database)
    key = stable_id("target", f"demo-{YEAR}-T05")
    target = await database.read(lambda s: service.read(s, key))
    revision = service.Revision(
        replace(service.wanted_of(target), value=Decimal(900)),
        target.deadline,
        date(YEAR, 1, 1),
        "动态调整",
    )
    now = utc_now()
    await database.transact(lambda s: service.revise(s, key, revision, by(now)))
    await database.transact(lambda s: loading.load(s, DATA))
    assert (await database.read(lambda s: service.read(s, key))).value == Decimal(900)
    for name in ("plans.yaml", "targets.yaml", "demonstration.yaml"):
        text = (DATA / name).read_text("utf-8").replace("value: 800", "value: 850")
        (tmp_path / name).write_text(text, "utf-8")
    changed = await database.transact(lambda s: loading.load(s, tmp_path))
    assert changed.summary == "157 targets: 0 new, 1 changed"
    values = (await database.read(lambda s: service.values_of(s, [key])))[key]
    assert [each.value for each in values] == [Decimal(800), Decimal(900), Decimal(850)]
    assert values[-1].effective_from == local_date(now)


@pytest.mark.parametrize(
    "spoil, says",
    [
        (lambda row: row.update(kind="figure"), "kind"),
        (lambda row: row.update(unit="mile"), "计量单位"),
        (lambda row: row.update(plan="nowhere"), "计划不存在"),
        (lambda row: row.update(parent="SH-T99"), "上级目标未装载"),
        (lambda row: row.update(kind="count", unit="lift"), "类型或计量单位不同"),
        (lambda row: row.pop("relation"), "须同时填写"),
    ],
)
async def test_a_row_that_cannot_be_taken_is_named_with_its_reason(
    database: Database, tmp_path: Path, spoil: Callable[[dict[str, Any]], None], says: str
) -> None:
    told = yaml.safe_load((DATA / "targets.yaml").read_text("utf-8"))
    row = next(each for each in told["targets"] if each["code"] == "SH-T04")
    spoil(row)
    (tmp_path / "targets.yaml").write_text(yaml.safe_dump(told, allow_unicode=True), "utf-8")
    for name in ("plans.yaml", "demonstration.yaml"):
        (tmp_path / name).write_text((DATA / name).read_text("utf-8"), "utf-8")
    loaded = await load(database, tmp_path)
    (refused,) = loaded.refused
    assert (refused.file, refused.row) == ("targets.yaml", "SH-T04")
    assert says in refused.reason
    assert await database.read(lambda s: s.scalar(select(Target.id).where(Target.code == "SH-T04"))) is None


async def test_a_value_of_the_files_counts_from_the_beginning(database: Database) -> None:
    await load(database)
    values = await database.read(lambda s: s.scalars(select(TargetValue)))
    assert {value.effective_from for value in values} == {None}
