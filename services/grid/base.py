"""Base of the tables of `grid`."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Date, LargeBinary, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import DeclarativeBase

from libs.common.db import metadata


class Base(DeclarativeBase):
    """Every table of the service; the toolbox's own tables have a base of theirs."""

    metadata = metadata()
    type_annotation_map = {
        str: Text(),
        datetime: TIMESTAMP(timezone=True),
        date: Date(),
        dict[str, Any]: JSONB(),
        int: BigInteger(),
        bytes: LargeBinary(),
        list[str]: ARRAY(Text()),
        list[UUID]: ARRAY(Uuid()),
        list[datetime]: ARRAY(TIMESTAMP(timezone=True)),
    }
