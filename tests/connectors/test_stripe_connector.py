"""Walking, resuming and refreshing an account over real HTTP."""

from typing import Any

import pytest
from pydantic import SecretStr

from ecomops.connectors.base import Connector, Page
from ecomops.connectors.records import PayoutLineRecord
from ecomops.connectors.registry import open_connector
from ecomops.kit.errors import ProviderContractError
from tests.connectors import stripe_objects as stripe
from tests.connectors.ledger import KEY, NOW, Ledger, a_list, stripe_at
from tests.connectors.wire import Request, Respond, error, reply, script


def ledger_of(count: int, *, per_second: int = 3, page: int = 100) -> Ledger:
    """``count`` charges, ``per_second`` of them in each second."""
    charges = [
        stripe.charge(id=f"ch_{n:04d}", created=stripe.CREATED + n // per_second)
        for n in range(count)
    ]
    return Ledger({"charges": charges}, page=page)


def ids(pages: list[Page]) -> list[str]:
    return [record.source_id for page in pages for record in page.records]


def test_it_is_a_connector_and_the_registry_opens_it() -> None:
    connector: Connector = open_connector(
        "stripe", {"api_key": SecretStr(KEY)}, base="http://127.0.0.1:1"
    )
    assert connector.provider == "stripe"
    assert [(stream.name, stream.table) for stream in connector.streams()] == [
        ("charges", "payments"),
        ("refunds", "refunds"),
        ("disputes", "disputes"),
        ("payouts", "payouts"),
        ("balance_transactions", "payout_lines"),
    ]
    connector.close()
    with pytest.raises(LookupError):
        open_connector("paypal", {}, base="")


def test_the_key_version_and_page_size_are_sent() -> None:
    with stripe_at(ledger_of(1).respond) as (connector, wire):
        list(connector.pages("charges", None))
    (request,) = wire.seen
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.headers["stripe-version"] == "2026-07-29.dahlia"
    assert request.query == {"limit": "100"}


def test_a_first_walk_takes_everything_and_marks_the_newest_second() -> None:
    with stripe_at(ledger_of(250).respond) as (connector, wire):
        pages = list(connector.pages("charges", None))
    assert len(wire.seen) == 3
    assert ids(pages) == [f"ch_{n:04d}" for n in reversed(range(250))]
    assert [page.last for page in pages] == [False, False, True]
    assert [page.received for page in pages] == [100, 100, 50]
    newest = stripe.CREATED + 249 // 3
    assert pages[0].cursor == {"since": None, "next_since": newest, "after": "ch_0150"}
    assert pages[-1].cursor == {"since": newest}


def test_the_next_walk_repeats_the_last_second_only() -> None:
    ledger = ledger_of(250)
    with stripe_at(ledger.respond) as (connector, _):
        mark = list(connector.pages("charges", None))[-1].cursor
        ledger.objects["charges"].append(stripe.charge(id="ch_same_second", created=mark["since"]))
        pages = list(connector.pages("charges", mark))
    assert ids(pages) == ["ch_same_second", "ch_0249"]
    assert pages[-1].cursor == mark


@pytest.mark.parametrize("killed_after", range(1, 8))
def test_a_killed_walk_resumes_and_loses_nothing_made_meanwhile(killed_after: int) -> None:
    ledger = ledger_of(20, page=3)
    with stripe_at(ledger.respond) as (connector, _):
        walk = connector.pages("charges", None)
        first = [next(walk) for _ in range(killed_after)]
        newest = ledger.objects["charges"][-1]["created"]
        ledger.objects["charges"] += [
            stripe.charge(id="ch_new_same_second", created=newest),
            stripe.charge(id="ch_new_later", created=newest + 9),
        ]
        resumed = list(connector.pages("charges", first[-1].cursor))
        following = list(connector.pages("charges", resumed[-1].cursor))
    wanted = {charge["id"] for charge in ledger.objects["charges"]}
    assert set(ids(first + resumed + following)) == wanted
    assert following[-1].cursor == {"since": newest + 9}


def test_an_empty_account_is_one_empty_last_page() -> None:
    with stripe_at(Ledger().respond) as (connector, _):
        (page,) = connector.pages("payouts", None)
    assert (page.received, page.last, page.cursor) == (0, True, {"since": None})


def test_a_walk_that_finds_nothing_keeps_its_mark() -> None:
    mark = {"since": stripe.CREATED}
    with stripe_at(Ledger().respond) as (connector, _):
        (page,) = connector.pages("payouts", mark)
    assert page.cursor == mark


def test_a_time_in_the_future_does_not_become_the_mark() -> None:
    late = stripe.charge(id="ch_future", created=int(NOW.timestamp()) + 10**7)
    with stripe_at(script(a_list(late, stripe.charge()))) as (connector, _):
        (page,) = connector.pages("charges", None)
    assert len(page.records) == 2
    assert page.cursor == {"since": int(NOW.timestamp())}


def test_times_out_of_order_mark_the_newest() -> None:
    times = [5, 9, 7]
    charges = [stripe.charge(id=f"ch_{t}", created=stripe.CREATED + t) for t in times]
    with stripe_at(script(a_list(*charges))) as (connector, _):
        (page,) = connector.pages("charges", None)
    assert page.cursor == {"since": stripe.CREATED + 9}


@pytest.mark.parametrize(
    "cursor", [{"since": "x"}, {"since": -1}, {"next_since": 1.5}, {"unknown": 1}, {"since": True}]
)
def test_a_cursor_that_is_not_ours_means_a_full_walk(cursor: dict[str, Any]) -> None:
    with stripe_at(ledger_of(5).respond) as (connector, _):
        assert len(ids(list(connector.pages("charges", cursor)))) == 5


def test_a_walk_whose_place_was_deleted_starts_again_from_the_top() -> None:
    ledger = ledger_of(10, page=4)
    with stripe_at(ledger.respond) as (connector, _):
        walk = connector.pages("charges", None)
        first = next(walk)
        del ledger.objects["charges"][6]
        rest = list(walk)
        resumed = list(connector.pages("charges", first.cursor))
    assert sorted(ids(rest)) == sorted(charge["id"] for charge in ledger.objects["charges"])
    assert ids(resumed) == ids(rest)
    assert resumed[-1].last


def test_a_place_that_is_always_gone_is_given_up() -> None:
    def respond(request: Request) -> Any:
        if "starting_after" in request.query:
            return error(400, "No such charge", code="resource_missing")
        return a_list(stripe.charge(), has_more=True)

    with stripe_at(respond) as (connector, wire), pytest.raises(ProviderContractError):
        list(connector.pages("charges", None))
    assert len(wire.seen) <= 8


@pytest.mark.parametrize(
    "respond",
    [
        script(a_list(stripe.charge(), has_more=True)),
        script(
            a_list(stripe.charge(id="ch_2"), has_more=True),
            a_list(stripe.charge(id="ch_1"), has_more=True),
            a_list(stripe.charge(id="ch_2"), has_more=True),
        ),
        script(a_list(has_more=True)),
        script(a_list({"object": "charge"}, 7, has_more=True)),
    ],
    ids=["same-page", "cycle", "empty-and-more", "no-ids"],
)
def test_a_list_without_end_is_refused(respond: Respond) -> None:
    with stripe_at(respond) as (connector, wire), pytest.raises(ProviderContractError):
        list(connector.pages("charges", None))
    assert len(wire.seen) <= 4


def test_a_page_that_ends_in_a_bad_record_is_passed() -> None:
    page = a_list(stripe.charge(id="ch_2"), {"object": "charge", "id": ""}, has_more=True)
    last = a_list(stripe.charge(id="ch_1"))
    with stripe_at(script(page, last)) as (connector, wire):
        pages = list(connector.pages("charges", None))
    assert ids(pages) == ["ch_2", "ch_1"]
    assert [len(page.rejects) for page in pages] == [1, 0]
    assert wire.seen[1].query["starting_after"] == "ch_2"


def test_received_is_stored_and_rejected_and_ignored() -> None:
    data = [
        stripe.line(id="txn_1"),
        stripe.line(id="txn_2", net=1),
        stripe.line(id="txn_3", type="payout"),
        stripe.line(id="txn_1"),
    ]
    with stripe_at(script(a_list(*data))) as (connector, _):
        (page,) = connector.pages("balance_transactions", None)
    counts = (page.received, len(page.records), len(page.rejects), page.ignored)
    assert counts == (4, 1, 1, 2)


def test_the_same_id_on_two_pages_with_another_body_is_handed_over_twice() -> None:
    first = a_list(
        stripe.charge(id="ch_3"), stripe.charge(id="ch_2", amount_captured=1), has_more=True
    )
    second = a_list(stripe.charge(id="ch_2", amount_captured=2), stripe.charge(id="ch_1"))
    with stripe_at(script(first, second)) as (connector, _):
        pages = list(connector.pages("charges", None))
    assert ids(pages) == ["ch_3", "ch_2", "ch_2", "ch_1"]
    assert [page.received for page in pages] == [2, 2]


def test_refresh_reads_each_record_as_it_is_now() -> None:
    ledger = ledger_of(130)
    wanted = [charge["id"] for charge in ledger.objects["charges"]] + ["ch_gone"]
    with stripe_at(ledger.respond) as (connector, _):
        pages = list(connector.refresh("charges", wanted))
        assert list(connector.refresh("charges", [])) == []
    assert [page.received for page in pages] == [100, 31]
    assert [page.last for page in pages] == [False, True]
    assert all(page.cursor == {} for page in pages)
    assert ids(pages) == wanted[:-1]
    (reject,) = pages[1].rejects
    assert (reject.reason_code, reject.source_id) == ("vanished", "ch_gone")


def test_refresh_rejects_another_object_than_asked_for() -> None:
    with stripe_at(script(reply(stripe.charge(id="ch_other")))) as (connector, wire):
        (page,) = connector.refresh("charges", ["../account?x=1"])
    assert [reject.reason_code for reject in page.rejects] == ["wrong_object"]
    assert page.received == 1
    assert wire.seen[0].query == {}


def test_contents_are_the_lines_of_each_payout_without_its_own_row() -> None:
    rows = [stripe.line(id=f"txn_{n}") for n in range(5)]
    own = stripe.line(id="txn_po", type="payout", amount=-9680, fee=0, net=-9680, fee_details=[])
    ledger = Ledger(
        {"balance_transactions": [*rows, own]},
        {"po_1": ["txn_0", "txn_1", "txn_2", "txn_po"], "po_2": [], "po_3": ["txn_4"]},
        page=2,
    )
    with stripe_at(ledger.respond) as (connector, _):
        found = list(connector.contents(["po_1", "po_2", "po_gone", "po_3"]))
    assert [(payout, page.received, page.last) for payout, page in found] == [
        ("po_1", 2, False),
        ("po_1", 2, True),
        ("po_2", 0, True),
        ("po_gone", 1, False),
        ("po_3", 1, True),
    ]
    assert sum(page.ignored for _, page in found) == 1
    lines = [(payout, record) for payout, page in found for record in page.records]
    assert [record.source_id for _, record in lines] == ["txn_2", "txn_1", "txn_0", "txn_4"]
    for payout, record in lines:
        assert isinstance(record, PayoutLineRecord)
        assert (record.payout_ref, record.status) == (payout, "settled")
    assert [reject.reason_code for _, page in found for reject in page.rejects] == ["vanished"]
