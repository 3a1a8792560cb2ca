"""Identities that follow from codes, rings as GeoJSON, what a place says."""

from __future__ import annotations

from uuid import UUID

from services.grid.places.domain import Place, bounds_of, geojson_ring, identity


def test_identity_is_a_uuid7_that_follows_from_noun_and_code() -> None:
    made = identity("area", "310101")

    assert made.version == 7
    assert made.variant == UUID(int=made.int).variant == "specified in RFC 4122"
    assert made == identity("area", "310101")
    assert made not in {identity("area", "310102"), identity("estate", "310101")}


def test_rings_are_closed_in_degrees() -> None:
    assert geojson_ring([121_000_000, 31_000_000, 121_000_001, 31_000_000, 121_000_000, 31_000_002]) == [
        [121.0, 31.0],
        [121.000001, 31.0],
        [121.0, 31.000002],
        [121.0, 31.0],
    ]


def test_bounds_are_west_south_east_north() -> None:
    assert bounds_of([3, 9, 1, 4, 8, 5]) == (1, 4, 8, 9)


def test_a_place_names_its_neighbourhood() -> None:
    assert Place(121.4, 31.2, "310101002001003").neighbourhood == "310101002001"
