"""How much is tried: little inside `make test`, as much as is asked for by `make fuzz`."""

from __future__ import annotations

import os
import random
import sys
from dataclasses import dataclass, replace

USUAL_SEED = 20261127


@dataclass(frozen=True)
class Amount:
    """What the environment asks for; the same `seed` makes the same run. `cases` 0: a few seconds."""

    seed: int
    cases: int
    steps: int

    @property
    def stories(self) -> int:
        """Stories per round of the state machines: what a round begins, it finishes."""
        return 2 if self.steps < 500 else 20

    def again(self) -> Amount:
        """Another round, which tries other things."""
        return replace(self, seed=self.seed + 1)

    def note(self, words: str) -> None:
        """Say how far a large run has come; a small one is silent."""
        if self.cases:
            sys.stderr.write(f"{words}\n")


def asked() -> Amount:
    """`FUZZ_CASES`, `FUZZ_STEPS` and `SEED` (`random` for one by chance)."""
    given = os.environ.get("SEED") or str(USUAL_SEED)
    seed = random.SystemRandom().randrange(2**31) if given == "random" else int(given)
    return Amount(seed, int(os.environ.get("FUZZ_CASES") or 0), int(os.environ.get("FUZZ_STEPS") or 40))
