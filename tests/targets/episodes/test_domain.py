from __future__ import annotations

from datetime import date

import pytest

from services.targets.episodes.domain import DONE, LIFE, Next, Present, State, next_step
from services.targets.lights.domain import Light
from tests.support.lifecycles import check_machine

OCTOBER, NOVEMBER = date(2026, 10, 31), date(2026, 11, 30)


def test_the_life_of_an_episode() -> None:
    check_machine(LIFE)
    assert set(DONE) == LIFE.finals


@pytest.mark.parametrize("light", list(Light))
def test_without_an_episode_red_alone_opens_one(light: Light) -> None:
    expected = Next.OPEN if light is Light.RED else Next.NOTHING
    assert next_step(light, OCTOBER, None) is expected


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("light", [Light.GREY, Light.GREEN, Light.YELLOW])
def test_it_closes_when_the_light_leaves_red(light: Light, state: State) -> None:
    assert next_step(light, NOVEMBER, Present(state, OCTOBER)) is Next.CLOSE


@pytest.mark.parametrize("state", list(State))
def test_in_the_same_period_there_is_one_proposal(state: State) -> None:
    assert next_step(Light.RED, OCTOBER, Present(state, OCTOBER)) is Next.NOTHING


@pytest.mark.parametrize("state", list(State))
def test_in_the_next_period_another_one_once_the_office_is_done(state: State) -> None:
    expected = Next.RENEW if state in DONE else Next.NOTHING
    assert next_step(Light.RED, NOVEMBER, Present(state, OCTOBER)) is expected
