"""Life cycles 生命周期: two `StrEnum`s and one table, which is the code and the documentation.

>>> from enum import StrEnum
>>> class Light(StrEnum):
...     RED = "red"
...     GREEN = "green"
>>> class Press(StrEnum):
...     GO = "go"
>>> machine = Machine(name="light", initial=Light.RED, table={(Light.RED, Press.GO): Light.GREEN})
>>> machine.after(Light.RED, Press.GO)
<Light.GREEN: 'green'>
>>> machine.finals == frozenset({Light.GREEN})
True
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Generic, TypeVar

from libs.common.errors import Conflict

S = TypeVar("S", bound=StrEnum)
A = TypeVar("A", bound=StrEnum)


class IllegalTransition(Conflict):
    """The step is not allowed in the present state. `data` names both and what is allowed."""

    code = "illegal-transition"
    zh = "当前状态“{state}”不允许“{action}”；可执行：{allowed}"
    en = "'{action}' is not allowed in state '{state}'; allowed: {allowed}"


@dataclass(frozen=True)
class Machine(Generic[S, A]):
    """A life cycle: `table` maps (state, action) to the next state; what it does not hold is illegal."""

    name: str
    initial: S
    table: Mapping[tuple[S, A], S]

    def after(self, state: S, action: A) -> S:
        """The state after the action. Raises `IllegalTransition`."""
        try:
            return self.table[state, action]
        except KeyError:
            allowed = ", ".join(sorted(a.value for a in self.allowed(state))) or "-"
            raise IllegalTransition(
                machine=self.name, state=state.value, action=action.value, allowed=allowed
            ) from None

    def allowed(self, state: S) -> frozenset[A]:
        """The actions that the state allows."""
        return self._by_state.get(state, frozenset())

    @cached_property
    def _by_state(self) -> Mapping[S, frozenset[A]]:
        """The allowed actions of each state: asked for every row of a list."""
        origins = {origin for origin, _ in self.table}
        return {s: frozenset(action for origin, action in self.table if origin == s) for s in origins}

    @property
    def states(self) -> frozenset[S]:
        """Every state that the table names."""
        return frozenset({self.initial, *(s for s, _ in self.table), *self.table.values()})

    @property
    def finals(self) -> frozenset[S]:
        """The states that no action leaves."""
        return frozenset(s for s in self.states if not self.allowed(s))

    @property
    def reachable(self) -> frozenset[S]:
        """The states that can be reached from the initial one."""
        seen: set[S] = {self.initial}
        frontier = [self.initial]
        while frontier:
            state = frontier.pop()
            onward = {target for (origin, _), target in self.table.items() if origin == state} - seen
            seen |= onward
            frontier.extend(onward)
        return frozenset(seen)
