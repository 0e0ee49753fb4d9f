"""A large table made by the server itself: coherent payout lines, as a sync would leave them."""

from bench.place import Place, Workspace, connect_stripe

# Every tenth line is not paid out yet; every fifth is in another currency than dollars; one
# description in fifty begins as a formula would.
LINES = """
INSERT INTO payout_lines (
    tenant_id, connection_id, source, source_id, dedupe_key, source_status, currency, created_at,
    content_hash, raw_data, gross, fee, net, line_type, reporting_category, available_on,
    payout_ref, object_ref, description)
SELECT '{tenant}', '{connection}', 'stripe', id, 'stripe:' || id, 'available',
    (ARRAY['USD', 'USD', 'USD', 'USD', 'USD', 'USD', 'USD', 'USD', 'EUR', 'JPY'])[1 + n % 10],
    at, sha256(id::bytea), raw, gross, fee, gross - fee, 'charge', 'charge',
    at + interval '2 days', CASE WHEN n % 10 > 0 THEN 'po_1Q' || lpad((n / 500)::text, 22, '0') END,
    'ch_3Q' || number, CASE WHEN n % 50 = 0 THEN '=' ELSE '' END || 'Order #' || 10000 + n
FROM generate_series(1, {count}) n,
    lpad(n::text, 22, '0') number,
    concat('txn_3Q', number) id,
    LATERAL (SELECT timestamptz '2025-01-01 00:00Z' + n * interval '20 seconds') time(at),
    LATERAL (SELECT (n % 40000 + 1000)::bigint * 10000) amount(gross),
    LATERAL (SELECT gross / 10000 / 40 * 10000) cost(fee),
    LATERAL (SELECT jsonb_build_object(
        'id', id, 'object', 'balance_transaction', 'amount', gross / 100, 'fee', fee / 100,
        'net', (gross - fee) / 100, 'available_on', 1735862400 + n * 20, 'balance_type', 'payments',
        'created', 1735689600 + n * 20, 'description', 'Order #' || 10000 + n,
        'exchange_rate', NULL, 'fee_details', jsonb_build_array(jsonb_build_object(
            'amount', fee / 100, 'application', NULL, 'currency', 'usd',
            'description', 'Stripe processing fees', 'type', 'stripe_fee')),
        'reporting_category', 'charge', 'source', 'ch_3Q' || number, 'status', 'available',
        'type', 'charge')) payload(raw)
"""


def fill(place: Place, workspace: Workspace, count: int) -> None:
    """Give the workspace ``count`` payout lines."""
    target = connect_stripe(workspace)
    place.administer(
        LINES.format(tenant=workspace.tenant_id, connection=target.connection_id, count=count)
    )


def settle(place: Place) -> None:
    """Statistics and visibility as after a night, and nothing left to be written back."""
    place.administer("VACUUM ANALYZE payout_lines", "CHECKPOINT")
