"""Webhooks: kept once, believed for their signature alone, followed up by fetching the record."""

from __future__ import annotations

import hmac
import json
import time
from base64 import b64encode
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from threading import Event, Thread
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, text

from ecomops import runtime
from ecomops.connectors.webhooks import Delivery, WebhookRefusedError, WebhookUnreadableError
from ecomops.domains.connections.changes import (
    EditConnection,
    SetWebhookSecret,
    edit_connection,
    revoke_connection,
    set_webhook_secret,
)
from ecomops.domains.connections.schemas import (
    ConnectionCard,
    CreateConnection,
    ListConnections,
)
from ecomops.domains.connections.service import create_connection, list_connections
from ecomops.domains.freshness.deliveries import receive
from ecomops.domains.freshness.schemas import Received
from ecomops.domains.jobs.queries import list_jobs
from ecomops.domains.jobs.schemas import ListJobs
from ecomops.kit.context import Context
from ecomops.kit.errors import InvalidInputError, NotFoundError, PermissionDeniedError
from ecomops.kit.ids import new_correlation_id
from ecomops.operations.connection_check import check_health
from ecomops.operations.webhooks import Incoming, accept_webhook
from tests.conftest import Workspace, anonymous
from tests.integration.provider import Sandbox, Stored, connect, sync, work

StoredOf = Callable[[Workspace], Stored]
Audit = Callable[[Workspace], list[tuple[str, str]]]
SECRET = "whsec_0123456789abcdef0123456789abcdef"
SHOP_SECRET = "shpss_0123456789abcdef0123456789abcdef"
Json = dict[str, Any]


def secured(workspace: Workspace, key: SecretStr) -> UUID:
    """A Stripe connection whose webhooks are signed with SECRET."""
    connection = connect(workspace.ctx, key)
    command = SetWebhookSecret(connection, SecretStr(SECRET))
    runtime.run(workspace.ctx, set_webhook_secret, command)
    return connection


def event(about: Json, ref: str = "", kind: str = "charge.updated") -> bytes:
    told = {"id": ref or f"evt_{uuid4().hex}", "object": "event", "type": kind,
            "data": {"object": about}}  # fmt: skip
    return json.dumps(told).encode()


def deliver(connection: UUID, body: bytes, secret: str = SECRET, age: int = 0) -> bool:
    at = int(time.time()) - age
    mac = hmac.new(secret.encode(), f"{at}.".encode() + body, sha256).hexdigest()
    headers = {"stripe-signature": f"t={at},v1={mac}"}
    return accept_webhook(anonymous(), Incoming("stripe", connection, headers, body))


def shop_deliver(connection: UUID, topic: str, told: Json, ref: str = "") -> bool:
    body = json.dumps(told).encode()
    mac = b64encode(hmac.new(SHOP_SECRET.encode(), body, sha256).digest()).decode()
    headers = {"x-shopify-hmac-sha256": mac, "x-shopify-topic": topic,
               "x-shopify-webhook-id": ref or uuid4().hex}  # fmt: skip
    return accept_webhook(anonymous(), Incoming("shopify", connection, headers, body))


def statuses(stored: Stored) -> list[str]:
    query = "SELECT status FROM webhook_deliveries WHERE tenant_id = :tenant ORDER BY received_at"
    return [status for (status,) in stored.rows(query)]


def jobs(workspace: Workspace) -> list[tuple[str, str]]:
    return [(it.kind, it.status) for it in runtime.run(workspace.ctx, list_jobs, ListJobs(50))]


def follow(workspace: Workspace) -> str:
    """What a worker does about it."""
    (job,) = [it for it in runtime.run(workspace.ctx, list_jobs, ListJobs(50))
              if it.kind == "deliveries" and it.status == "pending"]  # fmt: skip
    return work(workspace.ctx, job.id)


def test_a_webhook_has_its_record_fetched(
    workspace: Workspace, sandbox: Sandbox, stored: StoredOf
) -> None:
    connection = secured(workspace, sandbox.api_key)
    sync(workspace.ctx, connection)
    sandbox.set_clock(3)
    held = stored(workspace)
    known = {ref for (ref,) in held.rows("SELECT source_id FROM payments WHERE tenant_id=:tenant")}
    told = sandbox.oracle()["payments"]["count"]
    assert told > len(known)
    charge = newest_charge(sandbox)
    assert charge not in known
    assert deliver(connection, event({"object": "charge", "id": charge}))
    assert follow(workspace) == "completed"
    after = {ref for (ref,) in held.rows("SELECT source_id FROM payments WHERE tenant_id=:tenant")}
    assert after - known == {charge}
    assert statuses(held) == ["done"]


def newest_charge(sandbox: Sandbox) -> str:
    headers = {"Authorization": f"Bearer {sandbox.api_key.get_secret_value()}"}
    page = httpx.get(f"{sandbox.base}/stripe/v1/charges?limit=1", headers=headers).json()
    found: str = page["data"][0]["id"]
    return found


def test_repeated_and_unordered_deliveries_are_harmless(
    workspace: Workspace, sandbox: Sandbox, stored: StoredOf
) -> None:
    connection = secured(workspace, sandbox.api_key)
    sync(workspace.ctx, connection)
    held = stored(workspace)
    before = held.fingerprint()
    charge = {"object": "charge", "id": newest_charge(sandbox), "amount": 1}
    bodies = [event(charge), event({**charge, "amount": 2}), event(charge, kind="charge.succeeded")]
    assert [deliver(connection, body) for body in bodies] == [True, True, True]
    assert [deliver(connection, body) for body in bodies] == [False, False, False]
    assert jobs(workspace).count(("deliveries", "pending")) == 1
    assert follow(workspace) == "completed"
    assert held.fingerprint() == before
    assert statuses(held) == ["done"] * 3


def test_what_nothing_follows_from_is_kept(
    workspace: Workspace, sandbox: Sandbox, stored: StoredOf
) -> None:
    connection = secured(workspace, sandbox.api_key)
    assert deliver(connection, event({"object": "customer", "id": "cus_1"}))
    assert deliver(connection, event({"object": "moon"}, kind="moon.landed"))
    assert statuses(stored(workspace)) == ["kept", "kept"]
    assert jobs(workspace) == []


def card(workspace: Workspace, connection: UUID) -> ConnectionCard:
    found = runtime.run(workspace.ctx, list_connections, ListConnections())
    return next(it for it in found if it.id == connection)


def test_an_account_that_takes_its_access_away_needs_attention(
    workspace: Workspace, sandbox: Sandbox, audit: Audit
) -> None:
    connection = secured(workspace, sandbox.api_key)
    body = event({"object": "application"}, kind="account.application.deauthorized")
    assert deliver(connection, body)
    assert not deliver(connection, body)
    shown = card(workspace, connection)
    assert (shown.status, "Connect it again" in (shown.last_error or "")) == ("error", True)
    assert audit(workspace).count(("connection_health_changed", "success")) == 1
    assert check_health(workspace.ctx, connection), "a late farewell is set right by the next check"
    assert card(workspace, connection).status == "active"


def test_an_app_that_is_uninstalled_needs_attention(workspace: Workspace) -> None:
    connection = shop(workspace)
    assert shop_deliver(connection, "app/uninstalled", {"id": 1, "domain": "x.myshopify.com"})
    shown = card(workspace, connection)
    assert (shown.status, "uninstalled" in (shown.last_error or "")) == ("error", True)


def test_only_the_provider_is_believed(
    workspace: Workspace, other_workspace: Workspace, sandbox: Sandbox, stored: StoredOf
) -> None:
    connection = secured(workspace, sandbox.api_key)
    theirs = connect(other_workspace.ctx, sandbox.api_key)
    body = event({"object": "charge", "id": "ch_1"})
    for refused in (
        partial(deliver, connection, body, "whsec_another_secret_0123456789"),
        partial(deliver, connection, body, age=301),
        partial(deliver, connection, body, age=-301),
        partial(deliver, theirs, body),  # no secret was set
    ):
        with pytest.raises(WebhookRefusedError):
            refused()
    with pytest.raises(WebhookUnreadableError):
        deliver(connection, b"[]")
    for nobody in (uuid4(), workspace.ctx.tenant):
        with pytest.raises(NotFoundError):
            deliver(nobody, body)
    with pytest.raises(NotFoundError):
        accept_webhook(anonymous(), Incoming("shopify", connection, {}, body))
    with pytest.raises(NotFoundError):
        accept_webhook(anonymous(), Incoming("netsuite", connection, {}, body))
    runtime.run(workspace.ctx, revoke_connection, connection)
    with pytest.raises(NotFoundError):
        deliver(connection, body)
    assert statuses(stored(workspace)) == []
    assert statuses(stored(other_workspace)) == []


def test_new_credentials_leave_the_signing_secret(
    workspace: Workspace, sandbox: Sandbox, audit: Audit
) -> None:
    connection = secured(workspace, sandbox.api_key)
    edit = EditConnection(connection, "Main store", {"api_key": sandbox.api_key})
    runtime.run(workspace.ctx, edit_connection, edit)
    assert deliver(connection, event({"object": "customer", "id": "cus_1"}))
    assert audit(workspace).count(("connection_updated", "success")) == 2


@pytest.mark.parametrize("secret", ["", "whsec_", "sk_test_0123456789abcdef", "whsec_with space"])
def test_what_is_no_signing_secret(workspace: Workspace, secret: str) -> None:
    connection = connect(workspace.ctx, SecretStr("sk_test_0123456789abcdef"))
    with pytest.raises(InvalidInputError):
        runtime.run(
            workspace.ctx, set_webhook_secret, SetWebhookSecret(connection, SecretStr(secret))
        )


def test_only_admins_set_it(workspace: Workspace) -> None:
    connection = connect(workspace.ctx, SecretStr("sk_test_0123456789abcdef"))
    command = SetWebhookSecret(connection, SecretStr(SECRET))
    with pytest.raises(PermissionDeniedError):
        runtime.run(workspace.as_role("ops"), set_webhook_secret, command)


def test_what_comes_in_while_a_worker_starts_is_not_missed(
    workspace: Workspace, sandbox: Sandbox, stored: StoredOf
) -> None:
    """A delivery is written and not yet committed when the waiting job is taken."""
    connection = secured(workspace, sandbox.api_key)
    sync(workspace.ctx, connection)
    charge = {"object": "charge", "id": newest_charge(sandbox)}
    assert deliver(connection, event(charge))
    ctx = Context(new_correlation_id(), "web", workspace.ctx.tenant)
    late = Received(connection, "stripe", Delivery("evt_late", "charge.updated", "{}", "charges",
                                                   charge["id"]))  # fmt: skip
    inserted = Event()

    def start() -> None:
        inserted.wait()
        follow(workspace)

    worker = Thread(target=start)
    worker.start()
    with runtime.unit_of_work(ctx) as session:
        receive(session, ctx, late)
        session.flush()
        inserted.set()
        time.sleep(0.3)
    worker.join(20)
    for kind, status in jobs(workspace):
        if (kind, status) == ("deliveries", "pending"):
            follow(workspace)
    assert statuses(stored(workspace)) == ["done", "done"]


def shop(workspace: Workspace) -> UUID:
    credentials = {"shop_domain": SecretStr("nordwind.myshopify.com"),
                   "api_key": SecretStr("0123456789abcdef"),
                   "api_secret": SecretStr(SHOP_SECRET)}  # fmt: skip
    command = CreateConnection("shopify", "Shop", "sandbox", credentials)
    return runtime.run(workspace.ctx, create_connection, command).id


def put_orders(engine: Engine, workspace: Workspace, connection: UUID) -> None:
    """Two orders of two people, with their payments."""
    raw = {"email": "mia@example.com", "totalPriceSet": {"shopMoney": {"amount": "9.90"}},
           "shippingAddress": {"city": "Graz"}, "customer": {"firstName": "Mia"}}  # fmt: skip
    common = {"tenant": workspace.ctx.tenant, "connection": connection, "raw": json.dumps(raw)}
    orders = text(
        "INSERT INTO orders (tenant_id, connection_id, source, source_id, dedupe_key,"
        " source_status, currency, created_at, content_hash, raw_data, status, order_number,"
        " amount, subtotal, discount, shipping, tax, tip, duties, gift_card_sold,"
        " refunded, customer_email)"
        " VALUES (:tenant, :connection, 'shopify', :ref, :key, 'PAID', 'USD', now(), '\\x00',"
        " cast(:raw AS jsonb), 'paid', '#1', 99000, 99000, 0, 0, 0, 0, 0, 0, 0,"
        " 'mia@example.com')"
    )
    payments = text(
        "INSERT INTO payments (tenant_id, connection_id, source, source_id, dedupe_key,"
        " source_status, currency, created_at, content_hash, raw_data, status, amount, kind,"
        " gateway, charge_ref, order_ref, customer_email) VALUES (:tenant, :connection, 'shopify',"
        " :payment, :payment_key, 'SUCCESS', 'USD', now(), '\\x00',"
        " cast(:raw AS jsonb), 'completed', 99000, 'sale', 'stripe', 'ch_1', :ref,"
        " 'mia@example.com')"
    )
    with engine.begin() as admin:
        for ref in ("gid://shopify/Order/1", "gid://shopify/Order/2"):
            keys = {"ref": ref, "key": f"shopify:{ref}", "payment": f"T{ref}",
                    "payment_key": f"shopify:T{ref}"}  # fmt: skip
            admin.execute(orders, common | keys)
            admin.execute(payments, common | keys)


def people(stored: Stored) -> dict[str, int]:
    """How many rows still name somebody, by table."""
    where = (
        "tenant_id = :tenant AND (customer_email IS NOT NULL OR raw_data::text ~ 'mia|Mia|Graz')"
    )
    tables = ("orders", "payments")
    return {it: stored.one(f"SELECT count(*) FROM {it} WHERE {where}") for it in tables}


def test_a_customer_is_forgotten_and_the_amounts_stay(
    workspace: Workspace, admin_engine: Engine, stored: StoredOf, audit: Audit
) -> None:
    connection, held = shop(workspace), stored(workspace)
    put_orders(admin_engine, workspace, connection)
    shop_deliver(connection, "orders/create", {"id": 1, "email": "mia@example.com"})
    told = {"shop_domain": "nordwind.myshopify.com", "orders_to_redact": [1],
            "customer": {"id": 7, "email": "mia@example.com"}}  # fmt: skip
    assert shop_deliver(connection, "customers/redact", told, "d1")
    assert people(held) == {"orders": 1, "payments": 1}
    assert held.one("SELECT sum(amount)::bigint FROM orders WHERE tenant_id = :tenant") == 198000
    query = "SELECT raw_data #>> '{totalPriceSet,shopMoney,amount}' FROM orders WHERE tenant_id = "
    assert held.rows(f"{query} :tenant") == [("9.90",)] * 2
    kept = "SELECT count(*) FROM webhook_deliveries WHERE tenant_id = :tenant"
    assert held.one(f"{kept} AND payload::text ~ 'mia'") == 0
    assert not shop_deliver(connection, "customers/redact", told, "d1")
    assert audit(workspace).count(("privacy_customer_redacted", "success")) == 1


def test_a_shop_is_forgotten(
    workspace: Workspace, admin_engine: Engine, stored: StoredOf, audit: Audit
) -> None:
    connection, held = shop(workspace), stored(workspace)
    put_orders(admin_engine, workspace, connection)
    assert shop_deliver(connection, "shop/redact", {"shop_domain": "nordwind.myshopify.com"})
    assert people(held) == {"orders": 0, "payments": 0}
    assert ("privacy_shop_redacted", "success") in audit(workspace)


def test_a_question_changes_nothing_and_is_told_to_the_admin(
    workspace: Workspace, admin_engine: Engine, stored: StoredOf, audit: Audit
) -> None:
    connection, held = shop(workspace), stored(workspace)
    put_orders(admin_engine, workspace, connection)
    assert shop_deliver(connection, "customers/data_request", {"orders_requested": [1, 2]})
    assert people(held) == {"orders": 2, "payments": 2}
    assert ("privacy_data_requested", "success") in audit(workspace)
