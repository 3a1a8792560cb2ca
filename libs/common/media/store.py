"""Where the bytes lie 附件存储: one store per deployment, a prefix per service (local folder, S3, memory)."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterable, AsyncIterator
from pathlib import Path
from typing import Any

import obstore
from obstore.exceptions import BaseError
from obstore.store import ObjectStore, from_url

from libs.common.db import refuse_outside_calls
from libs.common.errors import Unavailable


class MediaAway(Unavailable):
    """The store does not answer (附件存储不可用)."""

    code = "media-unavailable"
    zh = "附件存储暂不可用，请稍后重试"
    en = "The media store is not available now, please try again later"


class MediaStore:
    """Objects by service and hash. Never called while a transaction is open.

    Every method raises `MediaAway` when the store does not answer.
    """

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    @classmethod
    def open(cls, url: str, **options: Any) -> MediaStore:
        """The store of a URL: `memory:///`, `file:///folder` (made if missing), `s3://bucket/prefix`.

        S3 reads its keys and endpoint from the environment (`AWS_*`) unless `options` say them.
        """
        if url.startswith("file:"):
            options = {"mkdir": True, **options}
        return cls(from_url(url, **options))

    async def put(self, service: str, name: str, content: bytes) -> None:
        """Store an object, over one of the same name."""
        refuse_outside_calls()
        try:
            await obstore.put_async(self._store, place(service, name), content)
        except (BaseError, OSError) as error:
            raise MediaAway from error

    async def put_file(self, service: str, name: str, file: Path) -> None:
        """Store a file that need not fit into memory, over an object of the same name."""
        refuse_outside_calls()
        try:
            await obstore.put_async(self._store, place(service, name), file)
        except (BaseError, OSError) as error:
            raise MediaAway from error

    async def stream(self, service: str, name: str) -> AsyncIterator[bytes] | None:
        """An object's bytes piece by piece, or None if there is none."""
        refuse_outside_calls()
        try:
            found = await obstore.get_async(self._store, place(service, name))
        except FileNotFoundError:
            return None
        except (BaseError, OSError) as error:
            raise MediaAway from error
        return _pieces(found.stream())

    async def get(self, service: str, name: str) -> bytes | None:
        """An object's bytes, or None if there is none."""
        refuse_outside_calls()
        try:
            found = await obstore.get_async(self._store, place(service, name))
            return bytes(await found.bytes_async())
        except FileNotFoundError:
            return None
        except (BaseError, OSError) as error:
            raise MediaAway from error

    async def copy(self, source: str, target: str, name: str) -> bytes | None:
        """Copy an object from one service's prefix to another's. Answers its bytes, None if there is none."""
        content = await self.get(source, name)
        if content is not None:
            await self.put(target, name, content)
        return content

    async def delete(self, service: str, name: str) -> None:
        """Delete an object; one that is not there is no error."""
        refuse_outside_calls()
        try:
            await obstore.delete_async(self._store, place(service, name))
        except FileNotFoundError:
            return
        except (BaseError, OSError) as error:
            raise MediaAway from error


async def _pieces(found: AsyncIterable[Any]) -> AsyncIterator[bytes]:
    async for piece in found:
        yield bytes(piece)


def place(service: str, name: str) -> str:
    """An object's path: `<service>/<first two digits>/<hash>`."""
    return f"{service}/{name[:2]}/{name}"


def digest(content: bytes) -> str:
    """SHA-256 in hex: how objects are named."""
    return hashlib.sha256(content).hexdigest()
