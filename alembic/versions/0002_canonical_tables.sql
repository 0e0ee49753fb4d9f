CREATE TABLE orders (
    tenant_id UUID NOT NULL,
    id UUID DEFAULT uuidv7() NOT NULL,
    connection_id UUID NOT NULL,
    source VARCHAR NOT NULL,
    source_id VARCHAR NOT NULL,
    dedupe_key VARCHAR NOT NULL,
    subsidiary_id VARCHAR,
    source_status VARCHAR NOT NULL,
    currency VARCHAR NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    source_updated_at TIMESTAMP WITH TIME ZONE,
    ingested_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    content_hash BYTEA NOT NULL,
    raw_data JSONB,
    status VARCHAR NOT NULL,
    order_number VARCHAR NOT NULL,
    amount BIGINT NOT NULL,
    subtotal BIGINT NOT NULL,
    discount BIGINT NOT NULL,
    shipping BIGINT NOT NULL,
    tax BIGINT NOT NULL,
    tip BIGINT NOT NULL,
    gift_card_sold BIGINT NOT NULL,
    refunded BIGINT NOT NULL,
    customer_email VARCHAR,
    processed_at TIMESTAMP WITH TIME ZONE,
    cancelled_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_orders PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_orders_tenant_id_connection_id FOREIGN KEY(tenant_id, connection_id) REFERENCES connections (tenant_id, id),
    CONSTRAINT ck_orders_status CHECK (status IN ('pending', 'authorized', 'partially_paid', 'paid', 'partially_refunded', 'refunded', 'voided', 'canceled')),
    CONSTRAINT ck_orders_currency CHECK (currency ~ '^[A-Z]{3}$')
);
CREATE INDEX ix_orders_amount ON orders (tenant_id, amount, id);
CREATE INDEX ix_orders_created_at ON orders (tenant_id, created_at, id);
CREATE INDEX ix_orders_status ON orders (tenant_id, status, created_at, id);
CREATE UNIQUE INDEX uq_orders_dedupe_key ON orders (tenant_id, dedupe_key);

CREATE TABLE payments (
    tenant_id UUID NOT NULL,
    id UUID DEFAULT uuidv7() NOT NULL,
    connection_id UUID NOT NULL,
    source VARCHAR NOT NULL,
    source_id VARCHAR NOT NULL,
    dedupe_key VARCHAR NOT NULL,
    subsidiary_id VARCHAR,
    source_status VARCHAR NOT NULL,
    currency VARCHAR NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    source_updated_at TIMESTAMP WITH TIME ZONE,
    ingested_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    content_hash BYTEA NOT NULL,
    raw_data JSONB,
    status VARCHAR NOT NULL,
    amount BIGINT NOT NULL,
    kind VARCHAR NOT NULL,
    gateway VARCHAR NOT NULL,
    charge_ref VARCHAR NOT NULL,
    order_ref VARCHAR,
    order_id UUID,
    settlement_ref VARCHAR,
    settlement_amount BIGINT,
    settlement_currency VARCHAR,
    fx_rate NUMERIC(20, 10),
    customer_email VARCHAR,
    description VARCHAR,
    failure_code VARCHAR,
    CONSTRAINT pk_payments PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_payments_tenant_id_order_id FOREIGN KEY(tenant_id, order_id) REFERENCES orders (tenant_id, id),
    CONSTRAINT ck_payments_kind CHECK (kind IN ('sale', 'authorization', 'capture', 'void')),
    CONSTRAINT fk_payments_tenant_id_connection_id FOREIGN KEY(tenant_id, connection_id) REFERENCES connections (tenant_id, id),
    CONSTRAINT ck_payments_status CHECK (status IN ('pending', 'completed', 'failed', 'voided')),
    CONSTRAINT ck_payments_currency CHECK (currency ~ '^[A-Z]{3}$')
);
CREATE INDEX ix_payments_amount ON payments (tenant_id, amount, id);
CREATE INDEX ix_payments_created_at ON payments (tenant_id, created_at, id);
CREATE INDEX ix_payments_status ON payments (tenant_id, status, created_at, id);
CREATE UNIQUE INDEX uq_payments_dedupe_key ON payments (tenant_id, dedupe_key);

CREATE TABLE refunds (
    tenant_id UUID NOT NULL,
    id UUID DEFAULT uuidv7() NOT NULL,
    connection_id UUID NOT NULL,
    source VARCHAR NOT NULL,
    source_id VARCHAR NOT NULL,
    dedupe_key VARCHAR NOT NULL,
    subsidiary_id VARCHAR,
    source_status VARCHAR NOT NULL,
    currency VARCHAR NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    source_updated_at TIMESTAMP WITH TIME ZONE,
    ingested_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    content_hash BYTEA NOT NULL,
    raw_data JSONB,
    status VARCHAR NOT NULL,
    amount BIGINT NOT NULL,
    payment_ref VARCHAR,
    payment_id UUID,
    order_id UUID,
    settlement_ref VARCHAR,
    reason VARCHAR,
    failure_reason VARCHAR,
    goods_amount BIGINT,
    shipping_amount BIGINT,
    tax_amount BIGINT,
    adjustment_amount BIGINT,
    CONSTRAINT pk_refunds PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_refunds_tenant_id_order_id FOREIGN KEY(tenant_id, order_id) REFERENCES orders (tenant_id, id),
    CONSTRAINT fk_refunds_tenant_id_payment_id FOREIGN KEY(tenant_id, payment_id) REFERENCES payments (tenant_id, id),
    CONSTRAINT fk_refunds_tenant_id_connection_id FOREIGN KEY(tenant_id, connection_id) REFERENCES connections (tenant_id, id),
    CONSTRAINT ck_refunds_status CHECK (status IN ('pending', 'completed', 'failed', 'canceled')),
    CONSTRAINT ck_refunds_currency CHECK (currency ~ '^[A-Z]{3}$')
);
CREATE INDEX ix_refunds_amount ON refunds (tenant_id, amount, id);
CREATE INDEX ix_refunds_created_at ON refunds (tenant_id, created_at, id);
CREATE INDEX ix_refunds_payment ON refunds (tenant_id, payment_id);
CREATE INDEX ix_refunds_status ON refunds (tenant_id, status, created_at, id);
CREATE INDEX ix_refunds_unlinked ON refunds (tenant_id, payment_ref) WHERE payment_id IS NULL AND payment_ref IS NOT NULL;
CREATE UNIQUE INDEX uq_refunds_dedupe_key ON refunds (tenant_id, dedupe_key);

CREATE TABLE payouts (
    tenant_id UUID NOT NULL,
    id UUID DEFAULT uuidv7() NOT NULL,
    connection_id UUID NOT NULL,
    source VARCHAR NOT NULL,
    source_id VARCHAR NOT NULL,
    dedupe_key VARCHAR NOT NULL,
    subsidiary_id VARCHAR,
    source_status VARCHAR NOT NULL,
    currency VARCHAR NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    source_updated_at TIMESTAMP WITH TIME ZONE,
    ingested_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    content_hash BYTEA NOT NULL,
    raw_data JSONB,
    status VARCHAR NOT NULL,
    amount BIGINT NOT NULL,
    fee_total BIGINT,
    kind VARCHAR NOT NULL,
    itemizable BOOLEAN NOT NULL,
    contents_complete BOOLEAN NOT NULL,
    contents_read_at TIMESTAMP WITH TIME ZONE,
    initiated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    arrival_date DATE NOT NULL,
    trace_id VARCHAR,
    failure_code VARCHAR,
    bank_ref VARCHAR,
    statement_descriptor VARCHAR,
    CONSTRAINT pk_payouts PRIMARY KEY (tenant_id, id),
    CONSTRAINT ck_payouts_kind CHECK (kind IN ('automatic', 'manual', 'instant')),
    CONSTRAINT fk_payouts_tenant_id_connection_id FOREIGN KEY(tenant_id, connection_id) REFERENCES connections (tenant_id, id),
    CONSTRAINT ck_payouts_status CHECK (status IN ('pending', 'in_transit', 'completed', 'failed', 'canceled')),
    CONSTRAINT ck_payouts_currency CHECK (currency ~ '^[A-Z]{3}$')
);
CREATE INDEX ix_payouts_amount ON payouts (tenant_id, amount, id);
CREATE INDEX ix_payouts_arrival ON payouts (tenant_id, arrival_date, id);
CREATE INDEX ix_payouts_created_at ON payouts (tenant_id, created_at, id);
CREATE INDEX ix_payouts_status ON payouts (tenant_id, status, created_at, id);
CREATE INDEX ix_payouts_unread ON payouts (tenant_id, created_at) WHERE contents_complete AND itemizable AND contents_read_at IS NULL;
CREATE UNIQUE INDEX uq_payouts_dedupe_key ON payouts (tenant_id, dedupe_key);

CREATE TABLE disputes (
    tenant_id UUID NOT NULL,
    id UUID DEFAULT uuidv7() NOT NULL,
    connection_id UUID NOT NULL,
    source VARCHAR NOT NULL,
    source_id VARCHAR NOT NULL,
    dedupe_key VARCHAR NOT NULL,
    subsidiary_id VARCHAR,
    source_status VARCHAR NOT NULL,
    currency VARCHAR NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    source_updated_at TIMESTAMP WITH TIME ZONE,
    ingested_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    content_hash BYTEA NOT NULL,
    raw_data JSONB,
    status VARCHAR NOT NULL,
    amount BIGINT NOT NULL,
    fee BIGINT NOT NULL,
    fee_currency VARCHAR NOT NULL,
    payment_ref VARCHAR,
    payment_id UUID,
    reason VARCHAR,
    opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
    evidence_due_at TIMESTAMP WITH TIME ZONE,
    closed_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_disputes PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_disputes_tenant_id_payment_id FOREIGN KEY(tenant_id, payment_id) REFERENCES payments (tenant_id, id),
    CONSTRAINT fk_disputes_tenant_id_connection_id FOREIGN KEY(tenant_id, connection_id) REFERENCES connections (tenant_id, id),
    CONSTRAINT ck_disputes_status CHECK (status IN ('needs_response', 'under_review', 'won', 'lost', 'closed')),
    CONSTRAINT ck_disputes_currency CHECK (currency ~ '^[A-Z]{3}$')
);
CREATE INDEX ix_disputes_amount ON disputes (tenant_id, amount, id);
CREATE INDEX ix_disputes_created_at ON disputes (tenant_id, created_at, id);
CREATE INDEX ix_disputes_payment ON disputes (tenant_id, payment_id);
CREATE INDEX ix_disputes_status ON disputes (tenant_id, status, created_at, id);
CREATE INDEX ix_disputes_unlinked ON disputes (tenant_id, payment_ref) WHERE payment_id IS NULL AND payment_ref IS NOT NULL;
CREATE UNIQUE INDEX uq_disputes_dedupe_key ON disputes (tenant_id, dedupe_key);

CREATE TABLE payout_lines (
    tenant_id UUID NOT NULL,
    id UUID DEFAULT uuidv7() NOT NULL,
    connection_id UUID NOT NULL,
    source VARCHAR NOT NULL,
    source_id VARCHAR NOT NULL,
    dedupe_key VARCHAR NOT NULL,
    subsidiary_id VARCHAR,
    source_status VARCHAR NOT NULL,
    currency VARCHAR NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    source_updated_at TIMESTAMP WITH TIME ZONE,
    ingested_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    content_hash BYTEA NOT NULL,
    raw_data JSONB,
    status VARCHAR GENERATED ALWAYS AS (CASE WHEN payout_ref IS NULL THEN 'unsettled' ELSE 'settled' END) STORED NOT NULL,
    amount BIGINT GENERATED ALWAYS AS (gross) STORED NOT NULL,
    gross BIGINT NOT NULL,
    fee BIGINT NOT NULL,
    net BIGINT NOT NULL,
    line_type VARCHAR NOT NULL,
    reporting_category VARCHAR NOT NULL,
    available_on TIMESTAMP WITH TIME ZONE,
    payout_ref VARCHAR,
    payout_id UUID,
    object_ref VARCHAR,
    payment_id UUID,
    refund_id UUID,
    dispute_id UUID,
    order_id UUID,
    fx_rate NUMERIC(20, 10),
    description VARCHAR,
    CONSTRAINT pk_payout_lines PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_payout_lines_tenant_id_payout_id FOREIGN KEY(tenant_id, payout_id) REFERENCES payouts (tenant_id, id),
    CONSTRAINT fk_payout_lines_tenant_id_payment_id FOREIGN KEY(tenant_id, payment_id) REFERENCES payments (tenant_id, id),
    CONSTRAINT fk_payout_lines_tenant_id_refund_id FOREIGN KEY(tenant_id, refund_id) REFERENCES refunds (tenant_id, id),
    CONSTRAINT fk_payout_lines_tenant_id_dispute_id FOREIGN KEY(tenant_id, dispute_id) REFERENCES disputes (tenant_id, id),
    CONSTRAINT fk_payout_lines_tenant_id_order_id FOREIGN KEY(tenant_id, order_id) REFERENCES orders (tenant_id, id),
    CONSTRAINT ck_payout_lines_net CHECK (gross - fee = net),
    CONSTRAINT fk_payout_lines_tenant_id_connection_id FOREIGN KEY(tenant_id, connection_id) REFERENCES connections (tenant_id, id),
    CONSTRAINT ck_payout_lines_status CHECK (status IN ('unsettled', 'settled')),
    CONSTRAINT ck_payout_lines_currency CHECK (currency ~ '^[A-Z]{3}$')
);
CREATE INDEX ix_payout_lines_amount ON payout_lines (tenant_id, amount, id);
CREATE INDEX ix_payout_lines_created_at ON payout_lines (tenant_id, created_at, id);
CREATE INDEX ix_payout_lines_object ON payout_lines (tenant_id, object_ref);
CREATE INDEX ix_payout_lines_payout ON payout_lines (tenant_id, payout_id);
CREATE INDEX ix_payout_lines_status ON payout_lines (tenant_id, status, created_at, id);
CREATE INDEX ix_payout_lines_unlinked ON payout_lines (tenant_id, object_ref) WHERE object_ref IS NOT NULL AND payment_id IS NULL AND refund_id IS NULL AND dispute_id IS NULL;
CREATE UNIQUE INDEX uq_payout_lines_dedupe_key ON payout_lines (tenant_id, dedupe_key);

CREATE TABLE fees (
    tenant_id UUID NOT NULL,
    id UUID DEFAULT uuidv7() NOT NULL,
    connection_id UUID NOT NULL,
    source VARCHAR NOT NULL,
    source_id VARCHAR NOT NULL,
    dedupe_key VARCHAR NOT NULL,
    subsidiary_id VARCHAR,
    source_status VARCHAR NOT NULL,
    currency VARCHAR NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    source_updated_at TIMESTAMP WITH TIME ZONE,
    ingested_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    content_hash BYTEA NOT NULL,
    raw_data JSONB,
    status VARCHAR GENERATED ALWAYS AS (CASE WHEN amount < 0 THEN 'returned' ELSE 'charged' END) STORED NOT NULL,
    amount BIGINT NOT NULL,
    kind VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    line_ref VARCHAR NOT NULL,
    payout_line_id UUID,
    description VARCHAR,
    CONSTRAINT pk_fees PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_fees_tenant_id_payout_line_id FOREIGN KEY(tenant_id, payout_line_id) REFERENCES payout_lines (tenant_id, id),
    CONSTRAINT ck_fees_kind CHECK (kind IN ('processing', 'interchange', 'fx', 'dispute', 'refund', 'tax', 'platform', 'app')),
    CONSTRAINT fk_fees_tenant_id_connection_id FOREIGN KEY(tenant_id, connection_id) REFERENCES connections (tenant_id, id),
    CONSTRAINT ck_fees_status CHECK (status IN ('charged', 'returned')),
    CONSTRAINT ck_fees_currency CHECK (currency ~ '^[A-Z]{3}$')
);
CREATE INDEX ix_fees_amount ON fees (tenant_id, amount, id);
CREATE INDEX ix_fees_created_at ON fees (tenant_id, created_at, id);
CREATE INDEX ix_fees_line ON fees (tenant_id, payout_line_id);
CREATE INDEX ix_fees_status ON fees (tenant_id, status, created_at, id);
CREATE UNIQUE INDEX uq_fees_dedupe_key ON fees (tenant_id, dedupe_key);

CREATE TABLE netsuite_transactions (
    tenant_id UUID NOT NULL,
    id UUID DEFAULT uuidv7() NOT NULL,
    connection_id UUID NOT NULL,
    source VARCHAR NOT NULL,
    source_id VARCHAR NOT NULL,
    dedupe_key VARCHAR NOT NULL,
    subsidiary_id VARCHAR,
    source_status VARCHAR NOT NULL,
    currency VARCHAR NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    source_updated_at TIMESTAMP WITH TIME ZONE,
    ingested_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    content_hash BYTEA NOT NULL,
    raw_data JSONB,
    status VARCHAR NOT NULL,
    internal_id VARCHAR NOT NULL,
    external_id VARCHAR,
    record_type VARCHAR NOT NULL,
    tran_id VARCHAR,
    tran_date DATE NOT NULL,
    period VARCHAR,
    account_id VARCHAR NOT NULL,
    account_name VARCHAR,
    debit BIGINT,
    credit BIGINT,
    amount BIGINT NOT NULL,
    exchange_rate NUMERIC(20, 10),
    memo VARCHAR,
    CONSTRAINT pk_netsuite_transactions PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_netsuite_transactions_tenant_id_connection_id FOREIGN KEY(tenant_id, connection_id) REFERENCES connections (tenant_id, id),
    CONSTRAINT ck_netsuite_transactions_status CHECK (status IN ('open', 'posted', 'voided')),
    CONSTRAINT ck_netsuite_transactions_currency CHECK (currency ~ '^[A-Z]{3}$')
);
CREATE INDEX ix_netsuite_transactions_amount ON netsuite_transactions (tenant_id, amount, id);
CREATE INDEX ix_netsuite_transactions_created_at ON netsuite_transactions (tenant_id, created_at, id);
CREATE INDEX ix_netsuite_transactions_external ON netsuite_transactions (tenant_id, external_id);
CREATE INDEX ix_netsuite_transactions_status ON netsuite_transactions (tenant_id, status, created_at, id);
CREATE UNIQUE INDEX uq_netsuite_transactions_dedupe_key ON netsuite_transactions (tenant_id, dedupe_key);
