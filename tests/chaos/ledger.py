"""The ledger 台账: what was sent, what was acknowledged, what is unknown. Append-only, one JSON line each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Any
from uuid import UUID

import orjson


class Mark(StrEnum):
    """What the ledger says of one attempt."""

    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    UNKNOWN = "unknown"  # no answer, or one that says "again": it may have happened
    REFUSED = "refused"


@dataclass(frozen=True)
class Write:
    """One write. `id` is what makes a repeat of it a repeat: the record's own id, or the idempotency key.

    `action` is the one in the history of `subject`, the record; of a record that the platform names, the
    subject is the write's own id until it is answered.
    """

    id: UUID
    subject: UUID
    action: str
    service: str = "grid"

    @property
    def kind(self) -> tuple[str, str]:
        """Service and action: what an action is called is the service's own affair."""
        return self.service, self.action

    def __str__(self) -> str:
        return f"{self.action} of {self.service} {self.subject}"


@dataclass(frozen=True)
class Answer:
    """What an acknowledgement promised: a receipt number, a version, the record's id; a hash of it all."""

    receipt: str | None = None
    version: int | None = None
    digest: str = ""
    record: UUID | None = None
    """The id that the platform gave a record which it named itself."""


@dataclass
class Account:
    """Everything that the ledger knows of one write."""

    write: Write
    sent: int = 0
    unknown: int = 0
    answers: list[Answer] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)

    @property
    def acknowledged(self) -> bool:
        """Whether the platform has promised to keep it."""
        return bool(self.answers)

    @property
    def record(self) -> UUID:
        """The record that was written."""
        return next((answer.record for answer in self.answers if answer.record), self.write.subject)


class Ledger:
    """The open ledger. Nothing in it is ever changed; the last line may be torn, the others never are."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("ab", buffering=0)

    def __enter__(self) -> Ledger:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def sent(self, write: Write) -> None:
        """Before the request leaves."""
        self._append(Mark.SENT, write)

    def acknowledged(self, write: Write, answer: Answer) -> None:
        """The answer was 2xx."""
        self._append(Mark.ACKNOWLEDGED, write, **asdict(answer))

    def unknown(self, write: Write, why: str) -> None:
        """It may have happened or not."""
        self._append(Mark.UNKNOWN, write, why=why)

    def refused(self, write: Write, why: str) -> None:
        """The platform said no."""
        self._append(Mark.REFUSED, write, why=why)

    def _append(self, mark: Mark, write: Write, **said: Any) -> None:
        named = {"mark": mark, "id": write.id, "subject": write.subject}
        line = {**named, "action": write.action, "service": write.service, **said}
        self._file.write(orjson.dumps(line) + b"\n")


def accounts(path: Path) -> dict[UUID, Account]:
    """The ledger read back, by write."""
    found: dict[UUID, Account] = {}
    for line in _lines(path):
        write = Write(UUID(line["id"]), UUID(line["subject"]), line["action"], line["service"])
        account = found.setdefault(write.id, Account(write))
        match Mark(line["mark"]):
            case Mark.SENT:
                account.sent += 1
            case Mark.UNKNOWN:
                account.unknown += 1
            case Mark.ACKNOWLEDGED:
                record = UUID(line["record"]) if line["record"] else None
                account.answers.append(Answer(line["receipt"], line["version"], line["digest"], record))
            case Mark.REFUSED:
                account.refusals.append(line["why"])
    return found


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    for raw in path.read_bytes().split(b"\n")[:-1]:
        yield orjson.loads(raw)
