"""Parsers of outside input as functions of bytes: each answers or refuses in its own way, and nothing else.

A function returns if all is well. What it lets through is a finding: an exception that the parser does not
name, or an assertion about what it answered. Driven by Hypothesis in the tests, by atheris in `make fuzz`.
"""

from __future__ import annotations

import io
import json
import struct
import warnings
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from math import isfinite
from typing import Any
from uuid import UUID
from zipfile import ZipFile

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import Request
from PIL import Image
from pydantic import TypeAdapter, ValidationError

from libs.common import areas, coordinates, numbering, quantities, search, tables, text, tracing
from libs.common.errors import DomainError
from libs.common.events import envelope
from libs.common.http import auth, calls, idempotency, keys, languages, paging, parsing
from libs.common.http.dev_tokens import DevIssuer
from libs.common.http.schemas import Day, Instant, Number, PhotoHash
from libs.common.media import images

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
TOPIC = "jiayuan.grid.case.v1"
CLAIMS: dict[str, Any] = {
    "iss": "https://id.example",
    "aud": "jiayuan",
    "sub": "somebody",
    "iat": int(NOW.timestamp()),
    "exp": int(NOW.timestamp()) + 600,
    "roles": ["inspector"],
    "areas": ["310107"],
}
_SHAPES: Mapping[str, TypeAdapter[Any]] = {
    name: TypeAdapter(kind)
    for name, kind in {
        "text": text.Text, "line": text.Line, "phone": text.Phone, "instant": Instant,
        "day": Day, "number": Number, "photo": PhotoHash,
    }.items()
}  # fmt: skip
_LISTS = (
    paging.Keyset("by-time", datetime, UUID),
    paging.Keyset("by-name", str, int),
    paging.Keyset("by-id", UUID),
)
_ISSUER = DevIssuer(Ed25519PrivateKey.generate(), issuer="https://id.example", audience="jiayuan")


def text_type(given: bytes) -> None:
    """Texts, times and hashes of bodies; masking and search of what was taken."""
    said = given.decode("utf-8", "surrogatepass") if _is_wide(given) else given.decode("latin-1")
    for name, shape in _SHAPES.items():
        try:
            taken = shape.validate_python(said)
        except ValidationError:
            continue
        if name in ("text", "line"):
            assert shape.validate_python(taken) == taken, "cleaning twice says something else"
            assert not any(ord(one) < 32 and one not in "\n\t" for one in taken)
            taken.encode("utf-8")
            text.mask_numbers(taken), text.mask_name(taken), text.mask_id(taken), text.mask_address(taken)
            search.tsvector_text(taken), search.tsquery_text(taken)


def _is_wide(given: bytes) -> bool:
    try:
        given.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return False
    return True


def json_body(given: bytes) -> None:
    """Bodies: what is taken is strict JSON, and says the same after a round trip."""
    try:
        value = parsing.parse(given)
    except DomainError:
        return
    again = json.dumps(value, ensure_ascii=False).encode()
    assert parsing.parse(again) == value
    assert len(parsing.fingerprint(given)) == 32


def cursor(given: bytes) -> None:
    """Cursors: refused, or the key values that were put in."""
    said = given.decode("latin-1")
    for of in _LISTS:
        try:
            values = of.decode(said)
        except paging.CursorInvalid:
            continue
        assert of.decode(of.encode(*values)) == values


def _at_once(reading: Coroutine[None, None, object]) -> None:
    """Run a coroutine that waits for nothing."""
    with suppress(StopIteration):
        reading.send(None)


def headers(given: bytes) -> None:
    """Idempotency-Key, If-Match, credentials, languages, traceparent."""
    wanted = (b"idempotency-key", b"if-match", b"authorization", b"x-api-key", b"content-type")
    scope = {"type": "http", "method": "POST", "path": "/x", "query_string": b"", "server": ("x", 80)}
    request = Request({**scope, "scheme": "http", "headers": [(name, given) for name in wanted]})
    said = request.headers["if-match"]
    for read in (
        lambda: idempotency.repeat_of(request, "me", "/x", b""),
        lambda: _at_once(calls.if_match(request)),
        lambda: auth.credential_in(request.headers),
        lambda: parsing.require_json(said),
        lambda: parsing.check_target(said, given),
    ):
        try:
            read()
        except DomainError:
            continue
    assert languages.preferred(said) in ("zh", "en")
    assert tracing.is_traceparent(tracing.child_of(said))


def place(given: bytes) -> None:
    """Coordinates: refused, or a place that is finite and comes back."""
    if len(given) < 17:
        return
    lon, lat = struct.unpack("<dd", given[:16])
    crs = list(coordinates.Crs)[given[16] % 4]
    try:
        made = coordinates.to_cgcs2000(lon, lat, crs)
    except DomainError:
        return
    assert all(map(isfinite, made))
    if 73 < lon < 135 and 18 < lat < 53:
        back = coordinates.from_cgcs2000(*made, crs)
        assert coordinates.distance_m(back, (lon, lat)) < 0.01


def token(given: bytes) -> None:
    """Tokens: whatever bytes, and whatever claims under a good signature."""
    verifier = auth.Verifier(keys.KeySet(_jwks), issuer="https://id.example", audience="jiayuan")
    told = [given.decode("latin-1")]
    try:
        claims = orjson.loads(given)
        if isinstance(claims, dict):
            told.append(_ISSUER.sign({**CLAIMS, **claims}))
    except (ValueError, TypeError):
        pass
    for one in told:
        try:
            read = _run(verifier, one)
            who = auth.ClaimMap({}, {}).principal(read)
        except DomainError:
            continue
        assert who.subject
        assert not who.subject.startswith(("key:", "system:"))


def _run(verifier: auth.Verifier, said: str) -> dict[str, Any]:
    """Without a loop: nothing in there waits for anything."""
    try:
        verifier.claims(said, NOW).send(None)
    except StopIteration as done:
        return dict(done.value)
    raise AssertionError("it waited")


async def _jwks() -> bytes:
    return orjson.dumps(_ISSUER.jwks())


def key_set(given: bytes) -> None:
    """The issuer's keys."""
    try:
        found = keys.usable(given)
    except ValueError:
        return
    assert all(key.algorithm_name in keys.ALGORITHMS for key in found.values())


def figure(given: bytes) -> None:
    """Quantities: a number in one unit is the same number in another and back."""
    said, _, unit = given.decode("latin-1").partition(" ")
    try:
        value = Decimal(said)
        if not value.is_finite() or len(value.as_tuple().digits) > 20 or not -6 <= value.adjusted() <= 14:
            return
        base = quantities.to_base(value, unit)
    except (InvalidOperation, DomainError):
        return
    assert quantities.from_base(base, unit) == value
    assert "E" not in str(base)


def event(given: bytes) -> None:
    """CloudEvents: undecodable, or the same event after a round trip."""
    try:
        message = envelope.decode(given, topic=TOPIC)
    except envelope.Undecodable:
        return
    assert envelope.decode(envelope.encode(message), topic=TOPIC) == message


def photo(given: bytes) -> None:
    """Pictures: refused, or a picture without anything but pixels."""
    kind = images.sniff(given)
    if kind is None:
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # Pillow says so of damaged EXIF, which we drop.
            safe = images.reencode(given, kind)
    except DomainError:
        return
    assert images.measure(safe.content).width == safe.width
    with Image.open(io.BytesIO(safe.content)) as shown:
        assert not shown.getexif()


def workbook(given: bytes) -> None:
    """Workbooks, as a file and as the page inside of one: refused, told by cell, or the same once more."""
    for content in (given, _with_page(given)):
        try:
            book = tables.read_workbook(content, [SHEET], tables.Limits(1 << 20, 4 << 20, rows=50))
        except tables.TableRefused:
            continue
        rows = [dict(row) for row in book.rows(SHEET)]
        if not book.errors:
            again = tables.read_workbook(tables.write_workbook([(SHEET, rows)]), [SHEET])
            assert [dict(row) for row in again.rows(SHEET)] == rows


SHEET = tables.Sheet(
    "小类",
    (
        tables.Column("code", "代码"),
        tables.Column("amount", "时限", tables.Kind.WHOLE, required=False),
        tables.Column("day", "日期", tables.Kind.DAY, required=False),
        tables.Column("many", "循环", many=True, required=False),
    ),
)
_BOOK = tables.write_workbook(
    [(SHEET, [{"code": "0202", "amount": 2, "day": NOW.date(), "many": ["a", "b"]}])]
)
_PAGE = "xl/worksheets/sheet1.xml"


def _with_page(page: bytes) -> bytes:
    out = io.BytesIO()
    with ZipFile(io.BytesIO(_BOOK)) as source, ZipFile(out, "w") as target:
        for name in source.namelist():
            target.writestr(name, page if name == _PAGE else source.read(name))
    return out.getvalue()


def codes(given: bytes) -> None:
    """Area codes and the numbers that people read aloud."""
    said = given.decode("utf-8", "replace")
    for read in (areas.check_code, areas.unpadded, numbering.read_receipt, numbering.read_matter_number):
        try:
            read(said)
        except DomainError:
            continue


TARGETS: Mapping[str, Callable[[bytes], None]] = {
    each.__name__: each
    for each in (
        text_type,
        json_body,
        cursor,
        headers,
        place,
        token,
        key_set,
        figure,
        event,
        photo,
        workbook,
        codes,
    )
}


def seeds(name: str) -> list[bytes]:
    """Where mutation begins: good input, and what once was a finding."""
    return _SEEDS[name]()


def _picture(kind: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 6), (9, 90, 40)).save(out, kind, exif=_exif())
    return out.getvalue()


def _exif() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "a place"
    return exif.tobytes()


def _event() -> bytes:
    return envelope.encode(
        envelope.Message(
            event_id=UUID(int=1), source="urn:cn:jiayuan:grid", type="cn.jiayuan.grid.case.reported.v1",
            aggregate_id=UUID(int=2), version=1, position=1, epoch=1, time=NOW, data=b"{}",
            traceparent=None, restated=False,
        )
    )  # fmt: skip


_SEEDS: Mapping[str, Callable[[], list[bytes]]] = {
    "text_type": lambda: [
        said.encode("utf-8", "surrogatepass")
        for said in (
            "3 号楼 2 层楼道",
            "ﬁ\u200b①",
            "\ud800",
            "13812341234",
            "2026-11-23",
            "1700000000",
            "0" * 20,
        )
    ],
    "json_body": lambda: [
        *(b'{"a": [1, 2.5, null, true, "\\u00e9"]}', b'{"a": 1, "a": 2}', b"[1e400]", b"NaN", b"-0"),
        b"1" * 400,
    ],
    "cursor": lambda: [
        of.encode(*values).encode()
        for of, values in zip(_LISTS, ((NOW, UUID(int=7)), ("x", 5), (UUID(int=7),)), strict=True)
    ],
    "headers": lambda: [
        *(b'"3"', b'W/"3"', b"Bearer x", b"application/json; charset=utf-8"),
        *(b"zh-CN, en;q=0.5", b"q;q=x", b"*"),
    ],
    "place": lambda: [
        *(struct.pack("<ddB", 121.47, 31.23, crs) for crs in range(4)),
        struct.pack("<ddB", float("nan"), 1e308, 3),
    ],
    "token": lambda: [
        *(_ISSUER.sign(CLAIMS).encode(), b'{"exp": -1}', b'{"roles": {"a": 1}}', b'{"areas": ["\xc2\xb2"]}'),
        *(b'{"jti": 5}', b'{"until": 1e300}', b'{"estates": ["x"]}', b'{"aud": ["jiayuan"]}'),
        b'{"sub": "system:grid"}',
    ],
    "key_set": lambda: [
        orjson.dumps(_ISSUER.jwks()),
        b'{"keys": [{"kty": "RSA", "kid": "a", "n": "", "e": ""}]}',
        b'{"keys": [{"kty": "EC", "kid": ["a"]}]}',
    ],
    "figure": lambda: [b"3.5 wan_m2", b"100 percent", b"-0 m2", b"1E+14 wan_yuan"],
    "event": lambda: [_event()],
    "photo": lambda: [_picture(kind) for kind in ("JPEG", "PNG", "WEBP")],
    "workbook": lambda: [_BOOK, ZipFile(io.BytesIO(_BOOK)).read(_PAGE)],
    "codes": lambda: [b"310107", b"310107005001", b"JY-0000", "３１０１０７".encode()],
}
