"""Life cycles of the four services as one state machine: many people, many steps, messages late and twice."""

from __future__ import annotations

import asyncio
import random
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from tests.flows.world import Person
from tests.fuzz.keeping import MACHINES, broken
from tests.fuzz.stage import TABLES, Stage, Step, Thing

LUCK = st.integers(0, 2**32 - 1)
TURNS = {
    "cases": 40,
    "tasks": 14,
    "disputes": 12,
    "supervisions": 1,
    "plans": 1,
    "numbered": 10,
    "heard": 14,
    "restarted": 1,
    "cut off": 3,
    "time": 3,
}
"""What may happen, and how often in a hundred turns."""
BLIND = 0.15
"""Share of steps that are asked for whatever state and role say."""


class Lives(RuleBasedStateMachine):
    """Every rule is one step. `runner` and `stage` are set by whoever runs the machine."""

    runner: ClassVar[asyncio.Runner]
    stage: ClassVar[Stage]
    steps: ClassVar[int] = 0
    taken: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self.turns = 0

    @initialize(luck=LUCK)
    def begin(self, luck: int) -> None:
        """Each story begins with a fresh case."""
        self.runner.run(self.stage.report(random.Random(luck)))

    @rule(given=LUCK)
    def turn(self, given: int) -> None:
        """Somebody asks for a step, or news travel, or time passes.

        Hypothesis likes to say the same number again, so each turn of a story has a luck of its own.
        """
        self.turns += 1
        type(self).steps += 1
        luck = random.Random(given + (self.turns << 32))
        happens = luck.choices(list(TURNS), list(TURNS.values()))[0]
        if happens in MACHINES:
            self.runner.run(self._ask(luck, happens))
        else:
            self.runner.run(self._travel(happens, luck))

    async def _travel(self, happens: str, luck: random.Random) -> None:
        """What goes on between the services, in one of them."""
        service = luck.choice(list(self.stage.world.sides))
        if happens == "numbered":
            await self.stage.carry(service)
        elif happens == "heard":
            await self.stage.hear(service, luck.choice((1, 2, 500)))
        elif happens == "restarted":
            await self.stage.restart(service)
        elif happens == "cut off":
            await self.stage.cut_off(service, luck.random() * 0.06)
        else:
            await self.stage.pass_time(luck.choice((1, 45, 300, 1500, 20000)))

    def teardown(self) -> None:
        """Everything arrives; then every invariant holds."""
        self.runner.run(self.stage.world.settle())
        assert self.runner.run(broken(self.stage.world)) == []

    async def _ask(self, luck: random.Random, noun: str) -> None:
        things = await self.stage.things(noun)
        if not things:
            return
        thing = things[min(luck.randrange(4), luck.randrange(4), len(things) - 1)]
        step = self._step(thing, luck)
        person = self._person(step, luck)
        answer = await self.stage.ask(thing, step, person, luck)
        now = await self.stage.thing(thing)
        told = (person.role, step.path, thing, answer.status, answer.body)
        assert answer.status < 500, told
        if answer.status >= 400:
            assert now == thing, told
        else:
            type(self).taken += now.version > thing.version
            assert str(person.role) in step.roles, told
            assert now.state == thing.state or thing.state not in _finals(noun), told

    def _step(self, thing: Thing, luck: random.Random) -> Step:
        steps = self.stage.steps[thing.noun]
        legal = {action.value for state, action in MACHINES[thing.noun].table if state.value == thing.state}
        if thing.noun in ("cases", "disputes") and luck.random() > BLIND:
            steps = [step for step in steps if step.verb in legal or step.verb in WORDS] or steps
        return luck.choice(steps)

    def _person(self, step: Step, luck: random.Random) -> Person:
        people = self.stage.people
        roles = sorted(people.keys() & step.roles) if luck.random() > BLIND else sorted(people)
        return luck.choice(people[luck.choice(roles or sorted(people))])


WORDS = frozenset(
    {
        "check",
        "grant-deferral",
        "approve-deferral",
        "interim-reply",
        "claim",
        "repair",
        "consents",
        "sessions",
    }
)
"""Steps whose route is named otherwise than their action."""


def _finals(noun: str) -> frozenset[str]:
    assert noun in TABLES
    return frozenset(state.value for state in MACHINES[noun].finals)
