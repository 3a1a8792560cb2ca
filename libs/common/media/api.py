"""Routes of the media room, mounted by each service under its own path (附件接口)."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.errors import Invalid, NotFound, Unavailable
from libs.common.http.calls import Caller, CallerDep
from libs.common.http.edge import Edge, edge_of
from libs.common.http.faults import UnsupportedContent
from libs.common.http.parsing import bounded
from libs.common.http.route import GuardedRoute, permit
from libs.common.http.schemas import Read
from libs.common.media.images import FORMATS, SUFFIXES, Picture, make_safe
from libs.common.media.links import MayRead, visible
from libs.common.media.models import MediaObject, MediaUpload
from libs.common.media.store import MediaStore
from libs.common.media.sweep import begin, finish

UPLOADS_AT_ONCE = 32
"""Each is held in memory while it comes and is checked; more are asked to come back."""

UPLOAD_SECONDS = 120.0
"""How long a photo may take to arrive over a bad line."""

Hash = Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="上传内容的 SHA-256。SHA-256 of the upload")]


class HashMismatch(Invalid):
    """The bytes are not those that the address names (摘要不符)."""

    code = "media-hash-mismatch"
    zh = "上传内容的 SHA-256 与路径不符，请重新上传"
    en = "The SHA-256 of the bytes is not the one in the path, upload them again"


class UploadsBusy(Unavailable):
    """As many uploads as are taken at once are coming in (上传繁忙)."""

    code = "uploads-busy"
    zh = "同时上传的照片过多，请稍后重试"
    en = "Too many photos are being uploaded at once, try again shortly"


class MediaRead(Read):
    """A stored photo. 附件；`hash` 为引用时使用的摘要，`stored_digest` 为去除 EXIF 后实际存储内容的摘要"""

    hash: str
    stored_digest: str
    media_type: str
    size: int
    width: int
    height: int
    stored_at: datetime


def media_router(service: str, may_read: MayRead, *, read: Sequence[str], write: Sequence[str]) -> APIRouter:
    """`PUT` and `GET /<service>/v1/media/{sha256}`. `read`, `write`: any of these permissions is enough.

    `may_read(session, principal, record, now)` is the service's own rule of who reads a record.
    """
    router = APIRouter(prefix=f"/{service}/v1/media", tags=["附件 media"], route_class=GuardedRoute)
    uploads = asyncio.Semaphore(UPLOADS_AT_ONCE)

    @router.put(
        "/{sha256}",
        response_model=MediaRead,
        status_code=201,
        summary="上传照片 Upload a photo",
        **permit(*write, extra=_BODY),
    )
    async def upload(sha256: Hash, request: Request, call: CallerDep) -> MediaObject:
        """原始字节上传；重复上传无副作用。Raw bytes; again is no harm. EXIF is removed."""
        edge = edge_of(request)
        media_type = declared_type(request.headers.get("content-type"))
        if uploads.locked():
            raise UploadsBusy
        async with uploads:
            content = await read_hashed(request, sha256, edge.settings.media_limit)
            return await keep(edge, call, sha256, await make_safe(content, media_type))

    @router.get("/{sha256}", response_class=Response, summary="读取照片 Read a photo", **permit(*read))
    async def download(sha256: Hash, request: Request, call: CallerDep) -> Response:
        """只有能查看所属记录者可见。Only through a record that one may read."""
        edge = edge_of(request)

        async def work(session: AsyncSession) -> MediaObject | None:
            return await visible(session, sha256, viewer=call.principal, now=call.now, may_read=may_read)

        found = await edge.database.read(work)
        content = None if found is None else await store_of(edge).get(edge.service, sha256)
        if found is None or content is None:
            raise NotFound
        return _served(found, content)

    return router


_BODY = {
    "requestBody": {
        "required": True,
        "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in FORMATS},
    }
}


def store_of(edge: Edge) -> MediaStore:
    """The deployment's store. Raises `RuntimeError` if the app was made without one."""
    if edge.store is None:
        raise RuntimeError("this app has no media store")
    return edge.store


def declared_type(header: str | None) -> str:
    """The declared media type. Raises `UnsupportedContent` for what is not taken."""
    declared = (header or "").partition(";")[0].strip().lower()
    if declared not in FORMATS:
        raise UnsupportedContent(expected=", ".join(FORMATS))
    return declared


async def read_hashed(request: Request, sha256: str, limit: int) -> bytes:
    """The bytes, hashed while they come. Raises what `bounded` raises, and `HashMismatch`."""
    hashed, held = hashlib.sha256(), bytearray()
    async for chunk in bounded(request, limit, UPLOAD_SECONDS):
        held += chunk
        hashed.update(chunk)
    if hashed.hexdigest() != sha256:
        raise HashMismatch
    return bytes(held)


async def keep(edge: Edge, call: Caller, name: str, picture: Picture) -> MediaObject:
    """Row, bytes, row: never is the store called while a transaction is open."""

    async def first(session: AsyncSession) -> MediaObject:
        row = await begin(session, name, picture.media_type, call.now)
        mine = {"hash": name, "subject": call.principal.subject, "at": call.now}
        await session.execute(insert(MediaUpload).values(mine).on_conflict_do_nothing())
        return row

    row = await edge.database.transact(first)
    if row.stored_at is not None:
        return row
    await store_of(edge).put(edge.service, name, picture.content)
    return await edge.database.transact(lambda session: finish(session, name, picture, call.now))


def _served(found: MediaObject, content: bytes) -> Response:
    suffix = SUFFIXES.get(found.media_type, "bin")
    return Response(
        content,
        media_type=found.media_type,
        headers={
            "Content-Disposition": f'attachment; filename="{found.hash[:16]}.{suffix}"',
            "Cache-Control": "private, no-cache",
            "ETag": f'"{found.stored_digest}"',
        },
    )
