"""The sidebar and the palette offer the same places: those whose page there is."""

from __future__ import annotations

from ecomops.ui.layouts import places
from ecomops.ui.layouts.palette import BEGINNINGS
from ecomops.ui.registry import PAGES, load_pages

OF_A_PAGE = {"/connections/details", "/jobs/rejects"}
"""Pages that one comes to from another page."""


def test_every_page_of_the_app_is_in_a_place() -> None:
    load_pages()
    known = {place.route for place in (*places.places(), *places.table_places())}
    alone = {
        route
        for route, page in PAGES.items()
        if page.rule.signed_in
        and route not in known | OF_A_PAGE
        and not any(place.holds(route) for place in places.places())
    }
    assert alone == set()


def test_a_place_without_a_page_is_not_offered() -> None:
    load_pages()
    assert {place.route for place in places.places()} <= PAGES.keys()


def test_a_place_asks_for_what_its_page_asks_for() -> None:
    load_pages()
    asked = {place.label: place.permission for place in places.places()}
    assert asked["Tables"] == "tables.view"
    assert asked["Connections"] == "connections.view"
    assert asked["Jobs"] == "jobs.view"


def test_tables_holds_each_table_and_nothing_else() -> None:
    assert all(places.TABLES_PLACE.holds(place.route) for place in places.table_places())
    assert not places.TABLES_PLACE.holds("/jobs")


def test_no_two_tables_share_the_beginning_of_an_id() -> None:
    starts = [start for starts in BEGINNINGS.values() for start in starts.split()]
    assert len(starts) == len(set(starts))
