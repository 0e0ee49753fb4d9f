"""The world goes on when its clock is moved, and comes back when it is moved back."""

from tests.sandbox.conftest import Api

DAY = 86_400


def test_later_days_bring_new_orders_and_settle_old_ones(api: Api) -> None:
    before = {it["id"]: it for it in api.all("charges")}
    payouts = {it["id"]: it["status"] for it in api.all("payouts")}
    disputes = {it["id"]: it["status"] for it in api.all("disputes")}
    api.set_clock(12)
    after = {it["id"]: it for it in api.all("charges")}
    assert before.keys() < after.keys()
    assert all(
        after[id]["status"] != "pending" for id, it in before.items() if it["status"] == "pending"
    )
    now_paid = {it["id"]: it["status"] for it in api.all("payouts")}
    in_transit = [id for id, status in payouts.items() if status == "in_transit"]
    assert in_transit
    assert {now_paid[id] for id in in_transit} <= {"paid", "failed", "canceled"}
    decided = {it["id"]: it["status"] for it in api.all("disputes")}
    assert any(decided[id] != status for id, status in disputes.items())


def test_nothing_of_the_future_is_seen(api: Api) -> None:
    api.set_clock(-10, 3_600)
    now = api.json("charges?limit=1")["data"][0]["created"]
    api.set_clock(0)
    newest = api.all("charges")[0]
    assert newest["created"] > now
    api.set_clock(-10, 3_600)
    assert api.error(f"charges/{newest['id']}", 404)["code"] == "resource_missing"


def test_the_clock_is_told_and_turned_back(api: Api) -> None:
    api.set_clock(3, 60)
    told = api.ask("GET", "/clock").json()
    assert told["now"] == "2026-11-23T00:01:00+00:00"
    assert (told["offset_days"], told["offset_seconds"]) == (3, 60)
    api.set_clock(0)
    assert api.ask("GET", "/clock").json()["now"] == "2026-11-20T00:00:00+00:00"


def test_an_impossible_clock_is_refused_and_changes_nothing(api: Api) -> None:
    impossible: list[object] = [{"offset_days": 90_000}, {"offset_days": "soon"}, {"year": 1}, []]
    for wanted in impossible:
        assert api.ask("PUT", "/clock", json=wanted).status_code == 400
    assert api.ask("GET", "/clock").json()["offset_days"] == 0


def test_the_answer_key_follows_the_clock(api: Api) -> None:
    count = api.oracle()["payments"]["count"]
    api.set_clock(5)
    later = api.oracle()["payments"]["count"]
    assert later > count
    assert later == len(api.all("charges"))


def test_the_balance_is_what_no_payout_has_taken(api: Api) -> None:
    for offset, seconds in ((0, 0), (1, 3_600), (2, 10_000), (3, 80_000)):
        api.set_clock(offset, seconds)
        lines = [it for it in api.all("balance_transactions") if it["balance_type"] == "payments"]
        balance = api.json("balance")
        for purse in ("available", "pending"):
            for told in balance[purse]:
                expected = sum(
                    it["net"]
                    for it in lines
                    if it["currency"] == told["currency"] and it["status"] == purse
                )
                assert told["amount"] == expected, (purse, told, offset)
