"""A service of the tests' own: notes with a version, enough to see every rule of the edge."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from sqlalchemy import Text, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from libs.common.db import metadata
from libs.common.errors import Conflict, NotFound, Unavailable
from libs.common.http import (
    CallerDep,
    CommandDep,
    GuardedRoute,
    IfMatch,
    Keyset,
    Page,
    PageDep,
    QueryDep,
    Read,
    Slice,
    Write,
    check_version,
    command_router,
    permit,
)
from libs.common.ids import new_id
from libs.common.service import Service
from libs.common.text import text as clean


class Base(DeclarativeBase):
    metadata = metadata()


class Note(Base):
    __tablename__ = "note"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    area: Mapped[str] = mapped_column(Text())
    words: Mapped[str] = mapped_column(Text())
    version: Mapped[int]
    fingerprint: Mapped[bytes]
    parent: Mapped[UUID | None]


class NoteWrite(Write):
    words: Annotated[str, clean(200)]
    area: str = "310107005001"
    weight: float = 1.0
    parent: UUID | None = None


class NoteRead(Read):
    id: UUID
    area: str
    words: str
    version: int


@dataclass
class Stage:
    """What a test tells the routes to do, and what they did."""

    pause: asyncio.Event | None = None
    entered: asyncio.Event = field(default_factory=asyncio.Event)
    failures: list[str] = field(default_factory=list)
    runs: int = 0


class NoteClosed(Conflict):
    code = "note-closed"
    zh = "笔记 {number} 已关闭"
    en = "Note {number} is closed"


BY_ID = Keyset("notes-by-id", UUID)


async def _act(session: AsyncSession, stage: Stage) -> None:
    stage.runs += 1
    stage.entered.set()
    if stage.pause is not None:
        await stage.pause.wait()
    if stage.failures:
        state = stage.failures.pop(0)
        if state == "terminate":
            await session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        await session.execute(
            text(f"DO $$ BEGIN RAISE EXCEPTION 'planted' USING ERRCODE = '{state}'; END $$")
        )


def service(stage: Stage) -> Service:
    """The sample service, acting as the stage says."""
    router = command_router("/sample/v1", tags=["笔记 notes"])
    _making(router, stage)
    _changing(router)
    _reading(router)
    return Service("sample", "样例", "Sample", Base.metadata, routers=(router,))


def _making(router: APIRouter, stage: Stage) -> None:
    @router.post("/notes", response_model=NoteRead, status_code=201, **permit("grid.case.report"))
    async def create(body: NoteWrite, call: CommandDep, response: Response) -> Note:
        """新建 Create."""
        note = Note(id=new_id(), version=1, fingerprint=b"", **body.model_dump(exclude={"weight"}))
        call.session.add(note)
        await call.session.flush()
        await _act(call.session, stage)
        response.headers["Location"] = f"/sample/v1/notes/{note.id}"
        return note

    @router.put("/notes/{note_id}", response_model=NoteRead, **permit("grid.case.report"))
    async def put(note_id: UUID, body: NoteWrite, call: CommandDep, response: Response) -> Note:
        found = await call.session.get(Note, note_id)
        if found is not None:
            if found.fingerprint != call.fingerprint:
                raise NoteClosed(number=note_id)
            return found
        values = body.model_dump(exclude={"weight"})
        note = Note(id=note_id, version=1, fingerprint=call.fingerprint, **values)
        call.session.add(note)
        response.status_code = 201
        return note


def _changing(router: APIRouter) -> None:
    @router.post("/notes/{note_id}/change", response_model=NoteRead, **permit("grid.case.accept"))
    async def change(note_id: UUID, body: NoteWrite, call: CommandDep, version: IfMatch) -> Note:
        note = await call.session.get(Note, note_id, with_for_update=True)
        if note is None:
            raise NotFound
        check_version(note, version)
        note.words = body.words
        note.version += 1
        return note

    @router.post("/notes/{note_id}/touch", response_model=NoteRead, **permit("grid.case.report"))
    async def touch(note_id: UUID, call: CommandDep) -> Note:
        raise NoteClosed(number=note_id, pointer="/words")


def _reading(router: APIRouter) -> None:
    @router.get("/notes/{note_id}", response_model=NoteRead, **permit("grid.case.read"))
    async def get(note_id: UUID, call: QueryDep) -> Note:
        note = await call.session.get(Note, note_id)
        if note is None:
            raise NotFound
        return note

    @router.get("/notes", response_model=Page[NoteRead], **permit("grid.case.read"))
    async def list_notes(call: QueryDep, paging: PageDep, least: int = 0) -> Slice[Note]:
        statement = select(Note).where(Note.version >= least).order_by(Note.id).limit(paging.limit + 1)
        after = BY_ID.after(paging)
        if after is not None:
            statement = statement.where(tuple_(Note.id) > tuple_(*after))
        rows = (await call.session.scalars(statement)).all()
        return BY_ID.slice(rows, paging, key=lambda note: (note.id,))

    async def echo(body: NoteWrite, call: CallerDep) -> NoteRead:
        """A route with a body and without a transaction."""
        return NoteRead(id=new_id(), area=body.area, words=body.words, version=1)

    guarded = permit("grid.case.report")
    router.add_api_route("/echo", echo, methods=["PUT"], route_class_override=GuardedRoute, **guarded)
    router.add_api_route("/ask", echo, methods=["POST"], route_class_override=GuardedRoute, **guarded)

    @router.get("/broken", response_model=NoteRead, **permit("grid.case.read"))
    async def broken(call: QueryDep) -> Note:
        raise RuntimeError("secret words 13812345678")

    @router.get("/away", response_model=NoteRead, **permit("grid.case.read"))
    async def away(call: QueryDep) -> Note:
        raise Unavailable
