"""Addresses in one spelling, and which of several places a text means. Pure.

>>> normal("蘭溪路１００弄三號樓(演示)"), normal("兰溪路100弄 3幢")
('兰溪路100弄3号', '兰溪路100弄3号')
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from libs.common.search import folded

LONGEST_TEXT = 60
"""Characters of an address that are looked at: what follows names storeys and rooms."""

SHORTEST_KEY, LONGEST_KEY = 3, 24
"""Characters of a name or address that is known: shorter ones would be found everywhere."""

HOUSE, LANE, NAME = 95, 85, 70
"""How sure it is, in per cent: the building is known, a lane or house number is, or a name alone."""

_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_LABEL = re.compile(r"\([^)]*\)")
_NOISE = re.compile(r"[\s,.;:。、·/'\"“”]+")
_SIGN = re.compile(r"(?<=[0-9a-z])#")
_SPOKEN = re.compile("[零〇一二两三四五六七八九十百]+(?=支?弄|号|幢|栋|座)")
_HOUSE_WORD = re.compile("(?<=[0-9a-z甲乙丙丁])(?:号楼|号房|幢|栋|座)")
_HOUSE_NEXT = re.compile("第?([0-9]+[a-z甲乙丙丁]?(?:-[0-9]+)?)号")


def normal(text: str) -> str:
    """The one spelling of a name or address: simplified, half-width, figures for spoken numbers, 号 for a
    building, without labels in brackets, blanks and stops."""
    plain = _NOISE.sub("", _LABEL.sub("", folded(text)))
    figures = _SPOKEN.sub(lambda found: str(_figure(found[0])), _SIGN.sub("号", plain))
    return _HOUSE_WORD.sub("号", figures)


def normal_number(number: str) -> str:
    """The one spelling of a building's number.

    >>> normal_number("12A幢"), normal_number("三"), normal_number("3号楼")
    ('12a', '3', '3')
    """
    return normal(f"{number.rstrip('号楼幢栋座房')}号").removesuffix("号")


def _figure(spoken: str) -> int:
    """The value of a number below 1,000 in Chinese digits.

    >>> _figure("十二"), _figure("一百零三"), _figure("二〇五")
    (12, 103, 205)
    """
    if not set(spoken) & {"十", "百"}:
        return int("".join(str(_DIGITS[digit]) for digit in spoken))
    hundreds, _, rest = spoken.rpartition("百")
    tens, ten, ones = rest.rpartition("十")
    value = 100 * (_DIGITS.get(hundreds[-1:], 1) if "百" in spoken else 0)
    value += 10 * (_DIGITS.get(tens[-1:], 1) if ten else 0)
    return value + _DIGITS.get(ones[-1:], 0)


def keys_in(text: str) -> list[str]:
    """Whatever a known name could be in an address of the one spelling: each part of it, once."""
    told = text[:LONGEST_TEXT]
    ends = range(SHORTEST_KEY, LONGEST_KEY + 1)
    return list({told[at : at + length]: None for at in range(len(told)) for length in ends})


@dataclass(frozen=True)
class Named:
    """A known name that occurs in the text: of a building if it has a number (已知地名地址)."""

    key: str
    target_id: UUID
    estate_id: UUID
    number: str | None = None
    area: str | None = None


@dataclass(frozen=True)
class Candidate:
    """A place that a text may mean (候选地点). `area`: neighbourhood, unit grid; `confidence`: per cent."""

    estate_id: UUID
    estate: str
    area: str
    confidence: int
    building_id: UUID | None = None
    number: str | None = None


def best_names(named: Iterable[Named]) -> list[Named]:
    """The longest name of each estate, without estates whose name is but a part of another's there."""
    longest: dict[UUID, Named] = {}
    for one in sorted(named, key=lambda one: (one.number is not None, len(one.key)), reverse=True):
        longest.setdefault(one.estate_id, one)
    found = list(longest.values())
    return [one for one in found if not any(one.key != other.key and one.key in other.key for other in found)]


def house_after(text: str, key: str) -> str | None:
    """The number of the building that the text names right behind a known name.

    >>> house_after("小花园二村3号502室", "小花园二村")
    '3'
    """
    found = _HOUSE_NEXT.match(text, text.index(key) + len(key))
    return found[1] if found else None


def certainty(name: Named) -> int:
    """How sure a place is by that name alone, in per cent."""
    if name.number is not None:
        return HOUSE
    return LANE if name.key.endswith(("弄", "号")) else NAME


def ranked(candidates: Sequence[Candidate], named_areas: Iterable[UUID]) -> list[Candidate]:
    """The surest first. Where the text names the area of some, only these are meant; of several that are
    equally sure each is as much less so."""
    around = set(named_areas)
    meant = [one for one in candidates if one.estate_id in around] or list(candidates)
    counts = {one.confidence: sum(other.confidence == one.confidence for other in meant) for one in meant}
    shared = [replace(one, confidence=one.confidence // counts[one.confidence]) for one in meant]
    return sorted(shared, key=lambda one: (-one.confidence, one.estate_id))
