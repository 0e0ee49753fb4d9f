CREATE TABLE saved_views (
    tenant_id UUID NOT NULL,
    id UUID DEFAULT uuidv7() NOT NULL,
    owner_id UUID NOT NULL,
    screen VARCHAR(40) NOT NULL,
    name VARCHAR(80) NOT NULL,
    query VARCHAR(2000) NOT NULL,
    shared BOOLEAN NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_saved_views PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_saved_views_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id),
    CONSTRAINT fk_saved_views_owner_id FOREIGN KEY(owner_id) REFERENCES users (id)
);
CREATE INDEX ix_saved_views_screen ON saved_views (tenant_id, screen);
CREATE UNIQUE INDEX uq_saved_views_name ON saved_views (tenant_id, owner_id, screen, name);

CREATE TABLE default_views (
    tenant_id UUID NOT NULL,
    id UUID DEFAULT uuidv7() NOT NULL,
    user_id UUID NOT NULL,
    screen VARCHAR(40) NOT NULL,
    view_id UUID NOT NULL,
    CONSTRAINT pk_default_views PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_default_views_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id),
    CONSTRAINT fk_default_views_tenant_id_view_id FOREIGN KEY(tenant_id, view_id) REFERENCES saved_views (tenant_id, id),
    CONSTRAINT fk_default_views_user_id FOREIGN KEY(user_id) REFERENCES users (id)
);
CREATE INDEX ix_default_views_view ON default_views (tenant_id, view_id);
CREATE UNIQUE INDEX uq_default_views_screen ON default_views (tenant_id, user_id, screen);

CREATE INDEX ix_orders_connection ON orders (tenant_id, connection_id, created_at, id);
CREATE INDEX ix_orders_currency ON orders (tenant_id, currency, created_at, id);
CREATE INDEX ix_orders_customer_email ON orders (tenant_id, customer_email) WHERE length(customer_email) <= 255;
CREATE INDEX ix_orders_order_number ON orders (tenant_id, order_number, id);
CREATE INDEX ix_payments_charge_ref ON payments (tenant_id, charge_ref) WHERE charge_ref <> source_id;
CREATE INDEX ix_payments_connection ON payments (tenant_id, connection_id, created_at, id);
CREATE INDEX ix_payments_currency ON payments (tenant_id, currency, created_at, id);
CREATE INDEX ix_payments_customer_email ON payments (tenant_id, customer_email) WHERE length(customer_email) <= 255;
CREATE INDEX ix_refunds_connection ON refunds (tenant_id, connection_id, created_at, id);
CREATE INDEX ix_refunds_currency ON refunds (tenant_id, currency, created_at, id);
CREATE INDEX ix_refunds_order_ref ON refunds (tenant_id, order_ref) WHERE order_ref IS NOT NULL;
CREATE INDEX ix_refunds_payment_ref ON refunds (tenant_id, payment_ref) WHERE payment_ref IS NOT NULL;
CREATE INDEX ix_payouts_connection ON payouts (tenant_id, connection_id, created_at, id);
CREATE INDEX ix_payouts_currency ON payouts (tenant_id, currency, created_at, id);
CREATE INDEX ix_payouts_trace_id ON payouts (tenant_id, trace_id) WHERE length(trace_id) <= 255;
CREATE INDEX ix_disputes_connection ON disputes (tenant_id, connection_id, created_at, id);
CREATE INDEX ix_disputes_currency ON disputes (tenant_id, currency, created_at, id);
CREATE INDEX ix_disputes_payment_ref ON disputes (tenant_id, payment_ref) WHERE payment_ref IS NOT NULL;
CREATE INDEX ix_payout_lines_connection ON payout_lines (tenant_id, connection_id, created_at, id);
CREATE INDEX ix_payout_lines_currency ON payout_lines (tenant_id, currency, created_at, id);
CREATE INDEX ix_payout_lines_order_ref ON payout_lines (tenant_id, order_ref) WHERE order_ref IS NOT NULL;
CREATE INDEX ix_payout_lines_unpaid ON payout_lines (tenant_id, payout_ref) WHERE payout_id IS NULL AND payout_ref IS NOT NULL;
CREATE INDEX ix_fees_connection ON fees (tenant_id, connection_id, created_at, id);
CREATE INDEX ix_fees_currency ON fees (tenant_id, currency, created_at, id);
CREATE INDEX ix_netsuite_transactions_connection ON netsuite_transactions (tenant_id, connection_id, created_at, id);
CREATE INDEX ix_netsuite_transactions_currency ON netsuite_transactions (tenant_id, currency, created_at, id);
CREATE INDEX ix_netsuite_transactions_tran_date ON netsuite_transactions (tenant_id, tran_date, id);
CREATE INDEX ix_netsuite_transactions_tran_id ON netsuite_transactions (tenant_id, tran_id) WHERE length(tran_id) <= 255;

-- By its own number first, which people paste without saying which account it is of.
DROP INDEX ix_netsuite_transactions_internal;
CREATE INDEX ix_netsuite_transactions_internal ON netsuite_transactions (tenant_id, internal_id, connection_id);
