"""Photos of a backup 备份中的照片: copied between a deployment's store and a folder, whatever the store is.

Objects are named by what was uploaded and never change; a path is `<service>/<two digits>/<hash>`.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

import obstore
from obstore.exceptions import BaseError
from obstore.store import ObjectStore, from_url

from libs.common.embedded.processes import ServerFailed

FOLDER = "media"
AT_ONCE = 16
SAY_EVERY = 1000

Say = Callable[[str], None]

_NAME = re.compile(rf"{FOLDER}/([a-z]+)/[0-9a-f]{{2}}/[0-9a-f]{{64}}")


def owner(name: str) -> str:
    """The service whose photo a file of a backup is; empty for any other file.

    >>> owner("grid.dump"), owner("media/grid/../../x")
    ('', '')
    """
    found = _NAME.fullmatch(name)
    return found.group(1) if found else ""


async def fetch(url: str, folder: Path, services: Collection[str], *, say: Say) -> dict[str, str]:
    """Copy the services' objects into the folder; answers their digests by name. Raises `ServerFailed`."""
    store = _opened(url)
    found: dict[str, str] = {}
    try:
        for service in services:
            async for batch in obstore.list(store, prefix=service, chunk_size=AT_ONCE):
                names = [f"{FOLDER}/{each['path']}" for each in batch]
                kept = [name for name in names if owner(name)]
                digests = await asyncio.gather(*(_fetch(store, folder, name) for name in kept))
                found.update(zip(kept, digests, strict=True))
                _tell(say, len(found), len(kept))
    except (BaseError, OSError) as error:
        raise ServerFailed(f"the photos cannot be read: {error}") from error
    return found


async def give_back(url: str, folder: Path, names: Sequence[str], *, say: Say) -> None:
    """Put the named files of the folder into the store, over what is there. Raises `ServerFailed`."""
    store = _opened(url)
    try:
        for start in range(0, len(names), AT_ONCE):
            batch = names[start : start + AT_ONCE]
            await asyncio.gather(*(_put(store, folder, name) for name in batch))
            _tell(say, start + len(batch), len(batch))
    except (BaseError, OSError) as error:
        raise ServerFailed(f"the photos cannot be written: {error}") from error


def _opened(url: str) -> ObjectStore:
    options: dict[str, Any] = {"mkdir": True} if url.startswith("file:") else {}
    return from_url(url, **options)


async def _fetch(store: ObjectStore, folder: Path, name: str) -> str:
    found = await obstore.get_async(store, name.removeprefix(f"{FOLDER}/"))
    content = bytes(await found.bytes_async())
    await asyncio.to_thread(_write, folder / name, content)
    return hashlib.sha256(content).hexdigest()


def _write(file: Path, content: bytes) -> None:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file.write_bytes(content)
    file.chmod(0o600)


async def _put(store: ObjectStore, folder: Path, name: str) -> None:
    content = await asyncio.to_thread((folder / name).read_bytes)
    await obstore.put_async(store, name.removeprefix(f"{FOLDER}/"), content)


def _tell(say: Say, count: int, last: int) -> None:
    """A line at every thousandth."""
    if count // SAY_EVERY > (count - last) // SAY_EVERY:
        say(f"{count} photos 张照片")
