"""Lists: every object exactly once, newest first, whatever the page size and direction."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sandbox.conftest import Api

STREAMS = ("charges", "refunds", "disputes", "payouts", "balance_transactions")


def ids(page: dict[str, Any]) -> list[str]:
    return [it["id"] for it in page["data"]]


@pytest.mark.parametrize("stream", STREAMS)
def test_lists_are_newest_first_without_gap_or_double(api: Api, stream: str) -> None:
    found = api.all(stream)
    created = [it["created"] for it in found]
    assert created == sorted(created, reverse=True)
    assert len({it["id"] for it in found}) == len(found)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(stream=st.sampled_from(STREAMS), limit=st.integers(1, 100), data=st.data())
def test_a_page_lies_on_either_side_of_its_cursor(
    api: Api, stream: str, limit: int, data: st.DataObject
) -> None:
    every = [it["id"] for it in api.all(stream)]
    place = data.draw(st.integers(0, len(every) - 1))
    after = api.json(f"{stream}?limit={limit}&starting_after={every[place]}")
    assert ids(after) == every[place + 1 : place + 1 + limit]
    assert after["has_more"] is (place + 1 + limit < len(every))
    before = api.json(f"{stream}?limit={limit}&ending_before={every[place]}")
    assert ids(before) == every[max(0, place - limit) : place]
    assert before["has_more"] is (place - limit > 0)


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(stream=st.sampled_from(STREAMS), data=st.data())
def test_created_ranges_cut_at_the_second(api: Api, stream: str, data: st.DataObject) -> None:
    every = api.all(stream)
    instants = st.sampled_from([it["created"] for it in every])
    low, high = data.draw(instants), data.draw(instants)
    for query, wanted in (
        (f"created[gte]={low}&created[lt]={high}", range(low, high)),
        (f"created[gt]={low}&created[lte]={high}", range(low + 1, high + 1)),
        (f"created={low}", range(low, low + 1)),
    ):
        found = api.all(stream, f"&{query}")
        assert [it["id"] for it in found] == [it["id"] for it in every if it["created"] in wanted]


def test_ten_objects_are_given_unless_more_are_asked_for(api: Api) -> None:
    page = api.json("charges")
    assert (page["object"], page["url"], len(page["data"])) == ("list", "/v1/charges", 10)
    assert page["has_more"] is True


def test_objects_of_one_second_keep_their_order(api: Api) -> None:
    every = api.all("charges")
    noon = max((it["created"] for it in every), key=[it["created"] for it in every].count)
    together = [it["id"] for it in every if it["created"] == noon]
    assert len(together) > 1
    first = api.json(f"charges?created={noon}&limit=1")
    rest = api.json(f"charges?created={noon}&starting_after={together[0]}")
    assert ids(first) + ids(rest) == together


def test_an_empty_range_is_an_empty_list(api: Api) -> None:
    page = api.json("charges?created[lt]=1000")
    assert (page["data"], page["has_more"]) == ([], False)
    assert api.json("charges?created[gt]=99999999999")["data"] == []
