"""A changed year of the working-day calendar moves the deadlines that begin afterwards, and no others."""

from __future__ import annotations

from sqlalchemy import text

from libs.common.ids import new_id
from tests.flows.story import Story, ok
from tests.flows.world import World

PATH = "/tasks/v1/calendar/2026"
TOPIC = "jiayuan.tasks.calendar.v1"


async def take_tuesday_off(story: Story) -> None:
    """Tomorrow becomes a day off, and the services hear of it."""
    present = await story.administrator.get(PATH)
    day_off = {
        "confirmed": True,
        "overrides": [{"day": "2026-11-24", "worked": False, "reason": "放假调休"}],
        "source": "市政府通知",
        "effective_from": "2026-11-23",
    }
    ok(await story.administrator.put(PATH, day_off, version=present.version))
    await story.world.settle()


async def dispatched(story: Story) -> str:
    """The deadline of a case that is reported and dispatched now; the unit has the same."""
    story.case_id = new_id()
    await story.dispatch()
    due = str((await story.case())["due_at"])
    assert (await story.task())["due_at"] == due
    return due


async def test_a_changed_year_moves_the_deadline_of_a_new_case(world: World) -> None:
    story = Story(world)
    await story.settle_units()
    assert (await dispatched(story)).startswith("2026-11-24")
    running = story.path
    await take_tuesday_off(story)
    assert (await dispatched(story)).startswith("2026-11-25")
    assert ok(await story.dispatcher.get(running))["due_at"].startswith("2026-11-24")
    assert ok(await story.clerk.get(PATH))["workdays"] == 247


async def test_the_emptied_calendar_is_rebuilt_from_its_topic(world: World) -> None:
    story = Story(world)
    await story.settle_units()
    await take_tuesday_off(story)
    await world.forget("grid", [TOPIC], ["known_calendar_year"])
    database = world.sides["grid"].database
    counted = text("SELECT count(*) FROM known_calendar_year")
    assert await database.read(lambda s: s.scalar(counted)) == 0
    await world.settle()
    assert (await dispatched(story)).startswith("2026-11-25")
