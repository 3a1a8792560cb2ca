"""Base of the tables of `targets`."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Date, LargeBinary, Numeric, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP
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
        Decimal: Numeric(),
        bytes: LargeBinary(),
        list[str]: ARRAY(Text()),
        list[UUID]: ARRAY(Uuid()),
        list[dict[str, Any]]: JSONB(),
    }
