"""Answers have Stripe's shape: objects, filters, expansion, errors, access."""

import json
from base64 import b64encode
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.conftest import Api

FIXTURES = Path(__file__).parents[3] / "shared" / "providers" / "stripe" / "fixtures3.json"
ONLY_WHEN_EXPANDED = {"refunds"}


def first(api: Api, stream: str, **fields: Any) -> dict[str, Any]:
    """The newest object with these field values."""
    return next(it for it in api.all(stream) if all(it[k] == v for k, v in fields.items()))


# objects


@pytest.mark.skipif(not FIXTURES.exists(), reason="the provider files are not here")
@pytest.mark.parametrize(
    ("noun", "path"),
    [
        ("account", "account"),
        ("balance", "balance"),
        ("charge", "charges?limit=1"),
        ("refund", "refunds?limit=1"),
        ("dispute", "disputes?limit=1"),
        ("payout", "payouts?limit=1"),
        ("balance_transaction", "balance_transactions?limit=1"),
    ],
)
def test_objects_have_the_fields_of_the_providers_samples(api: Api, noun: str, path: str) -> None:
    sample = json.loads(FIXTURES.read_text())["resources"][noun]
    told = api.json(path)
    told = told["data"][0] if "data" in told else told
    assert sample.keys() - told.keys() <= ONLY_WHEN_EXPANDED
    assert told["object"] == noun


def test_the_same_request_gets_the_same_bytes(api: Api) -> None:
    path = "balance_transactions?limit=100&expand[]=data.source"
    again = Api(days=45, orders_per_day=12)
    assert api.get(path).content == again.get(path).content


@pytest.mark.parametrize(
    "stream", ["charges", "refunds", "disputes", "payouts", "balance_transactions"]
)
def test_an_object_read_alone_equals_the_listed_one(api: Api, stream: str) -> None:
    for listed in islice(api.all(stream), 0, None, 9):
        assert api.json(f"{stream}/{listed['id']}") == listed


def test_line_money_adds_up(api: Api) -> None:
    for line in api.all("balance_transactions"):
        assert line["net"] == line["amount"] - line["fee"]
        assert line["fee"] == sum(it["amount"] for it in line["fee_details"])
        assert {it["currency"] for it in line["fee_details"]} <= {line["currency"]}


def test_an_exchange_rate_turns_the_charge_into_its_line(api: Api) -> None:
    charge = next(it for it in api.all("charges") if it["currency"] == "gbp" and it["captured"])
    line = api.json(f"balance_transactions/{charge['balance_transaction']}")
    assert line["currency"] == "usd"
    assert round(charge["amount"] * line["exchange_rate"]) == line["amount"]


def test_references_lead_to_each_other(api: Api) -> None:
    for refund in api.all("refunds")[:40]:
        charge = api.json(f"charges/{refund['charge']}")
        assert charge["payment_intent"] == refund["payment_intent"]
        if refund["balance_transaction"]:
            line = api.json(f"balance_transactions/{refund['balance_transaction']}")
            assert line["source"] == refund["id"]


def test_a_partial_capture_is_two_rows_without_a_refund(api: Api) -> None:
    row = first(api, "balance_transactions", reporting_category="partial_capture_reversal")
    charge = api.json(f"charges/{row['source']}")
    rows = api.json(f"balance_transactions?source={charge['id']}")["data"]
    assert sum(it["amount"] for it in rows) == charge["amount_captured"]
    assert {it["type"] for it in rows} == {"charge", "refund"}
    assert charge["amount_captured"] < charge["amount"]


def test_an_inquiry_moves_no_money_and_a_win_has_two_rows(api: Api) -> None:
    disputes = api.all("disputes")
    for dispute in disputes:
        rows = len(dispute["balance_transactions"])
        if dispute["status"].startswith("warning_") or dispute["status"] == "prevented":
            assert rows == 0
        else:
            assert rows == (2 if dispute["status"] == "won" else 1)


# filters


@pytest.mark.parametrize(
    ("filter", "value"),
    [("currency", "jpy"), ("type", "payout"), ("type", "adjustment"), ("currency", "KWD")],
)
def test_line_filters_pick_by_field(api: Api, filter: str, value: str) -> None:
    expected = [it["id"] for it in api.all("balance_transactions") if it[filter] == value.lower()]
    assert expected
    assert [it["id"] for it in api.all("balance_transactions", f"&{filter}={value}")] == expected


@pytest.mark.parametrize("status", ["pending", "in_transit", "paid", "failed", "canceled"])
def test_payouts_are_filtered_by_status(api: Api, status: str) -> None:
    expected = [it["id"] for it in api.all("payouts") if it["status"] == status]
    assert [it["id"] for it in api.all("payouts", f"&status={status}")] == expected


def test_payouts_are_filtered_by_arrival(api: Api) -> None:
    every = api.all("payouts")
    day = every[len(every) // 2]["arrival_date"]
    query = f"&arrival_date[gte]={day}&arrival_date[lt]={day + 86_400}"
    assert api.all("payouts", query) == [it for it in every if it["arrival_date"] == day]


@pytest.mark.parametrize(
    ("stream", "field"),
    [
        ("charges", "payment_intent"),
        ("charges", "customer"),
        ("refunds", "charge"),
        ("refunds", "payment_intent"),
        ("disputes", "charge"),
        ("disputes", "payment_intent"),
        ("balance_transactions", "source"),
    ],
)
def test_filters_by_reference_find_the_same_as_searching(api: Api, stream: str, field: str) -> None:
    every = api.all(stream)
    for value in {it[field] for it in every[::13] if it[field] and it[field][:4] != "ipi_"}:
        assert api.all(stream, f"&{field}={value}") == [it for it in every if it[field] == value]


def test_a_reconciled_payout_lists_all_its_lines(api: Api) -> None:
    for payout in api.all("payouts"):
        if payout["reconciliation_status"] == "completed":
            rows = api.all("balance_transactions", f"&payout={payout['id']}")
            assert sum(row["net"] for row in rows) == 0
            assert payout["balance_transaction"] in {row["id"] for row in rows}
            assert {row["currency"] for row in rows} == {payout["currency"]}


def test_other_payouts_do_not_tell_all_their_lines(api: Api) -> None:
    manual = first(api, "payouts", reconciliation_status="not_applicable")
    rows = api.all("balance_transactions", f"&payout={manual['id']}")
    assert [row["id"] for row in rows] == [manual["balance_transaction"]]
    fresh = [it for it in api.all("payouts") if it["reconciliation_status"] == "in_progress"]
    told = [api.all("balance_transactions", f"&payout={it['id']}") for it in fresh]
    assert any(sum(row["net"] for row in rows) for rows in told)


# expansion


def test_lists_expand_below_data(api: Api) -> None:
    for line in api.json("balance_transactions?limit=50&expand[]=data.source")["data"]:
        if line["balance_type"] == "payments" and line["source"] is not None:
            noun = line["source"]["object"]
            assert line["source"] == api.json(f"{noun}s/{line['source']['id']}")


def test_expansion_goes_several_levels_deep(api: Api) -> None:
    refund = first(api, "refunds", status="succeeded", reason="duplicate")
    path = f"refunds/{refund['id']}?expand[0]=charge.balance_transaction&expand[1]=charge.refunds"
    charge = api.json(path)["charge"]
    assert charge["balance_transaction"]["source"] == charge["id"]
    assert refund["id"] in {it["id"] for it in charge["refunds"]["data"]}


def test_what_is_null_stays_null_when_expanded(api: Api) -> None:
    failed = first(api, "charges", status="failed")
    told = api.json(f"charges/{failed['id']}?expand[]=balance_transaction")
    assert told["balance_transaction"] is None


# refusals


@pytest.mark.parametrize(
    ("path", "param", "code"),
    [
        ("charges?limit=0", "limit", "parameter_invalid_integer"),
        ("charges?limit=101", "limit", "parameter_invalid_integer"),
        ("charges?limit=ten", "limit", "parameter_invalid_integer"),
        ("charges?created[gte]=monday", "created[gte]", "parameter_invalid_integer"),
        ("charges?created[from]=1", "created[from]", "parameter_unknown"),
        ("charges?color=red", "color", "parameter_unknown"),
        ("charges?type=charge", "type", "parameter_unknown"),
        ("charges?customer=", "customer", "parameter_invalid_empty"),
        ("charges?starting_after=ch_none", "starting_after", "resource_missing"),
        ("charges?ending_before=ch_none", "ending_before", "resource_missing"),
        ("refunds?charge=ch_none", "charge", "resource_missing"),
        ("balance_transactions?payout=po_none", "payout", "resource_missing"),
        ("charges?starting_after=a&ending_before=b", "starting_after", None),
        ("payouts?status=lost", "status", None),
        ("charges?expand[]=balance_transaction", "expand", None),
        ("charges?expand[]=data.nothing", "expand", None),
        ("charges?expand[]=data", "expand", None),
        ("charges?expand=data.balance_transaction", "expand", None),
        ("disputes?expand[]=data.charge.refunds.data.charge", "expand", None),
        ("account?limit=1", "limit", "parameter_unknown"),
    ],
)
def test_bad_parameters_are_refused_by_name(
    api: Api, path: str, param: str, code: str | None
) -> None:
    error = api.error(path)
    assert (error["type"], error["param"]) == ("invalid_request_error", param)
    assert error.get("code") == code
    assert error["message"]
    assert error["request_log_url"].startswith("https://dashboard.stripe.com/acct_")


def test_a_cursor_of_another_list_is_refused(api: Api) -> None:
    id = api.json("refunds?limit=1")["data"][0]["id"]
    assert api.error(f"charges?starting_after={id}")["code"] == "resource_missing"


def test_an_unknown_id_is_not_found(api: Api) -> None:
    error = api.error("charges/ch_none", 404)
    assert (error["code"], error["param"]) == ("resource_missing", "id")
    assert error["message"] == "No such charge: 'ch_none'"
    assert error["doc_url"].endswith("/error-codes/resource-missing")


@pytest.mark.parametrize("path", ["customers", "charges/ch_x/refunds", "", "account/acct_1"])
def test_an_unknown_address_is_not_found(api: Api, path: str) -> None:
    assert "Unrecognized request URL" in api.error(path, 404)["message"]


def test_nothing_can_be_written(api: Api) -> None:
    key = {"Authorization": f"Bearer {api.keys['api_key']}"}
    assert api.ask("POST", "/stripe/v1/refunds", headers=key).status_code == 404


# access


def test_a_missing_or_wrong_key_is_unauthorised(api: Api) -> None:
    missing = api.ask("GET", "/stripe/v1/charges")
    assert missing.status_code == 401
    assert "You did not provide an API key" in missing.json()["error"]["message"]
    wrong = api.get("charges", key="sk_test_0123456789abcdef")
    assert wrong.status_code == 401
    message = wrong.json()["error"]["message"]
    assert message == "Invalid API Key provided: sk_test_************cdef"


def test_a_key_may_come_as_user_name_with_an_empty_password(api: Api) -> None:
    def ask(user: str) -> int:
        header = {"Authorization": "Basic " + b64encode(user.encode()).decode()}
        return api.ask("GET", "/stripe/v1/charges", headers=header).status_code

    key = api.keys["api_key"]
    assert ask(f"{key}:") == 200
    assert ask(f"{key}:secret") == 401
    assert (
        api.ask("GET", "/stripe/v1/charges", headers={"Authorization": "Basic %%%"}).status_code
        == 401
    )


def test_a_restricted_key_may_not_read_disputes(api: Api) -> None:
    key = api.keys["restricted_api_key"]
    assert api.get("charges", key=key).status_code == 200
    refused = api.get("disputes", key=key)
    assert refused.status_code == 403
    assert "rak_dispute_read" in refused.json()["error"]["message"]


def test_another_account_is_out_of_reach(api: Api) -> None:
    own = api.json("account")["id"]
    assert api.get("charges", Stripe_Account=own).status_code == 200
    other = api.get("charges", Stripe_Account="acct_other")
    assert other.status_code == 403
    assert other.json()["error"]["code"] == "account_invalid"


def test_the_version_is_echoed_and_an_unknown_one_refused(api: Api) -> None:
    assert api.get("account").headers["Stripe-Version"] == "2026-07-29.dahlia"
    asked = api.get("account", Stripe_Version="2026-07-29.dahlia")
    assert asked.headers["Stripe-Version"] == "2026-07-29.dahlia"
    assert asked.headers["Request-Id"].startswith("req_")
    assert asked.headers["Content-Type"] == "application/json"
    assert api.get("account", Stripe_Version="1999-01-01").status_code == 400
