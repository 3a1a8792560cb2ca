"""Photos of a backup 备份中的照片: copied between a deployment's store and a folder, whatever the store is.

Objects are named by what was uploaded and never change; a path is `<service>/<two digits>/<hash>`. The store
is asked by blocking calls in threads: a program that ends right after an asynchronous one may be aborted by
the store's own threads.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
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
    found: dict[str, str] = {}
    try:
        store = _opened(url)
        for service in services:
            listed = iter(obstore.list(store, prefix=service, chunk_size=AT_ONCE))
            while batch := await asyncio.to_thread(next, listed, None):
                names = [name for each in batch if owner(name := f"{FOLDER}/{each['path']}")]
                work = (asyncio.to_thread(_fetch, store, folder, name) for name in names)
                digests = zip(names, await asyncio.gather(*work), strict=True)
                before = len(found)
                found |= {name: made for name, made in digests if made}
                _tell(say, before, len(found))
    except (BaseError, OSError) as error:
        raise ServerFailed(f"the photos cannot be copied: {error}") from error
    return found


async def give_back(url: str, folder: Path, names: Sequence[str], *, say: Say) -> None:
    """Put the named files of the folder into the store, over what is there. Raises `ServerFailed`."""
    try:
        store = _opened(url)
        for start in range(0, len(names), AT_ONCE):
            batch = names[start : start + AT_ONCE]
            await asyncio.gather(*(asyncio.to_thread(_put, store, folder, name) for name in batch))
            _tell(say, start, start + len(batch))
    except (BaseError, OSError) as error:
        raise ServerFailed(f"the photos cannot be written: {error}") from error


def _opened(url: str) -> ObjectStore:
    options: dict[str, Any] = {"mkdir": True} if url.startswith("file:") else {}
    return from_url(url, **options)


def _fetch(store: ObjectStore, folder: Path, name: str) -> str:
    """Copy one object; answers its digest, or nothing if it was swept since it was listed."""
    try:
        content = bytes(obstore.get(store, name.removeprefix(f"{FOLDER}/")).bytes())
    except FileNotFoundError:
        return ""
    file = folder / name
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(file, "wb", opener=_private) as written:
        written.write(content)
        written.flush()
        os.fsync(written.fileno())
    return hashlib.sha256(content).hexdigest()


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _put(store: ObjectStore, folder: Path, name: str) -> None:
    obstore.put(store, name.removeprefix(f"{FOLDER}/"), (folder / name).read_bytes())


def _tell(say: Say, before: int, count: int) -> None:
    """A line at every thousandth."""
    if count // SAY_EVERY > before // SAY_EVERY:
        say(f"{count} photos 张照片")
