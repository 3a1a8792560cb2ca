"""Photos 附件: uploaded by hash, made safe, seen only through a record that one may read.

A service mounts the routes, attaches what a command names, and shows the list of a record's attachments:

    from libs.common.media.api import media_router      # the rest needs no HTTP edge

    router = media_router("grid", may_read, read=["grid.case.read"], write=["grid.case.report"])

    await attach(session, body.photos, to=Record("case", case.id), purpose=Purpose.BEFORE, ...)
    photos = await attachments(session, "case", [case.id])        # {case.id: [Attachment, ...]}

What a handover names is expected at once (`expect`) and copied later by `adopt`; `sweep` deletes what no
record has held for 7 days. Both call the store, so they run outside transactions.
"""

from libs.common.media.links import (
    Attachment,
    MayRead,
    MediaUnknown,
    Purpose,
    Record,
    attach,
    attach_photos,
    attachments,
    detach,
    expect,
    visible,
)
from libs.common.media.store import MediaAway, MediaStore
from libs.common.media.sweep import adopt, sweep

__all__ = [
    "Attachment",
    "MayRead",
    "MediaAway",
    "MediaStore",
    "MediaUnknown",
    "Purpose",
    "Record",
    "adopt",
    "attach",
    "attach_photos",
    "attachments",
    "detach",
    "expect",
    "sweep",
    "visible",
]
