"""Search in Chinese without extensions: one form for all spellings, single characters and pairs as words.

Width, case and traditional characters do not matter: 網格 finds 网格. A run of Chinese becomes its characters
and its pairs (bigrams), other writing its words. So every phrase is found that stands in the text, in core
PostgreSQL with a GIN index. Store `CAST(:x AS tsvector)` of `tsvector_text`, ask `@@ CAST(:q AS tsquery)` of
`tsquery_text`: both hold letters and digits only, and nothing that a person types is read as an operator.

>>> tokens("網格12345")
['网', '网格', '格', '12345']
>>> tsquery_text("网格员 & !ABC:*")
'网格 & 格员 & abc'
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from itertools import pairwise

from opencc import OpenCC

_HAN = "\u3005-\u3007\u3041-\u3096\u30a1-\u30fa\u30fc-\u30fe\u3400-\u9fff\U00020000-\U000323af"
_RUN = re.compile(rf"([{_HAN}]+)|((?:(?![{_HAN}])[^\W_])+)")
_WORD_LENGTH = 64
"""Longer words are cut, in texts and in queries alike: PostgreSQL refuses lexemes of 2 KB."""


@cache
def _simplified() -> dict[int, str]:
    """Each traditional character with its simplified one, as OpenCC has them.

    One by one, since OpenCC chooses some characters by their neighbours, and then a part of a text would not
    always be found in the text.
    """
    characters = [
        chr(point) for low, high in ((0x3400, 0xA000), (0x20000, 0x323B0)) for point in range(low, high)
    ]
    converted = OpenCC("t2s").convert("\n".join(characters)).split("\n")
    return {ord(old): new for old, new in zip(characters, converted, strict=True) if old != new}


def folded(text: str) -> str:
    """The one form in which texts are compared: NFKC, lower case, simplified."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).translate(
        _simplified()
    )


def tokens(text: str) -> list[str]:
    """What the text can be found by: characters, pairs and words, in order, each once."""
    found: dict[str, None] = {}
    for han, word in _RUN.findall(folded(text)):
        for first, second in pairwise(han):
            found[first] = found[first + second] = None
        found[han[-1] if han else word[:_WORD_LENGTH]] = None
    return list(found)


def tsvector_text(text: str) -> str:
    """The tokens as PostgreSQL reads a tsvector; empty if there is nothing to find."""
    return " ".join(tokens(text))


def tsquery_text(query: str) -> str:
    """The query as PostgreSQL reads a tsquery: everything must occur, runs of Chinese with all their pairs.

    Empty if the query holds no letter, digit or character; such a tsquery finds nothing.
    """
    return " & ".join(dict.fromkeys(_query_tokens(query)))


def _query_tokens(query: str) -> Iterator[str]:
    for han, word in _RUN.findall(folded(query)):
        if len(han) > 1:
            yield from map("".join, pairwise(han))
        else:
            yield han or word[:_WORD_LENGTH]
