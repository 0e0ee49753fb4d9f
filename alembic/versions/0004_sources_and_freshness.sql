ALTER TABLE orders ADD COLUMN presentment_amount BIGINT, ADD COLUMN presentment_currency VARCHAR;
ALTER TABLE payments ADD COLUMN presentment_amount BIGINT, ADD COLUMN presentment_currency VARCHAR;
ALTER TABLE refunds ADD COLUMN order_ref VARCHAR;
ALTER TABLE payout_lines ADD COLUMN order_ref VARCHAR;
ALTER TABLE connections
    ADD COLUMN settings JSONB DEFAULT '{}' NOT NULL,
    ADD COLUMN detail JSONB DEFAULT '{}' NOT NULL;

CREATE TABLE gl_accounts (
    tenant_id UUID NOT NULL,
    id UUID DEFAULT uuidv7() NOT NULL,
    connection_id UUID NOT NULL,
    source VARCHAR NOT NULL,
    source_id VARCHAR NOT NULL,
    dedupe_key VARCHAR NOT NULL,
    ingested_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    content_hash BYTEA NOT NULL,
    raw_data JSONB,
    name VARCHAR NOT NULL,
    inactive BOOLEAN NOT NULL,
    number VARCHAR,
    account_type VARCHAR NOT NULL,
    currency VARCHAR,
    CONSTRAINT pk_gl_accounts PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_gl_accounts_tenant_id_connection_id FOREIGN KEY(tenant_id, connection_id) REFERENCES connections (tenant_id, id)
);
CREATE UNIQUE INDEX uq_gl_accounts_dedupe_key ON gl_accounts (tenant_id, dedupe_key);

CREATE TABLE subsidiaries (
    tenant_id UUID NOT NULL,
    id UUID DEFAULT uuidv7() NOT NULL,
    connection_id UUID NOT NULL,
    source VARCHAR NOT NULL,
    source_id VARCHAR NOT NULL,
    dedupe_key VARCHAR NOT NULL,
    ingested_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    content_hash BYTEA NOT NULL,
    raw_data JSONB,
    name VARCHAR NOT NULL,
    inactive BOOLEAN NOT NULL,
    currency VARCHAR NOT NULL,
    parent_ref VARCHAR,
    elimination BOOLEAN NOT NULL,
    CONSTRAINT pk_subsidiaries PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_subsidiaries_tenant_id_connection_id FOREIGN KEY(tenant_id, connection_id) REFERENCES connections (tenant_id, id)
);
CREATE UNIQUE INDEX uq_subsidiaries_dedupe_key ON subsidiaries (tenant_id, dedupe_key);

CREATE TABLE accounting_periods (
    tenant_id UUID NOT NULL,
    id UUID DEFAULT uuidv7() NOT NULL,
    connection_id UUID NOT NULL,
    source VARCHAR NOT NULL,
    source_id VARCHAR NOT NULL,
    dedupe_key VARCHAR NOT NULL,
    ingested_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    content_hash BYTEA NOT NULL,
    raw_data JSONB,
    name VARCHAR NOT NULL,
    inactive BOOLEAN NOT NULL,
    start_date DATE NOT NULL,
    end_date DATE NOT NULL,
    closed BOOLEAN NOT NULL,
    all_locked BOOLEAN NOT NULL,
    is_quarter BOOLEAN NOT NULL,
    is_year BOOLEAN NOT NULL,
    is_adjustment BOOLEAN NOT NULL,
    CONSTRAINT pk_accounting_periods PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_accounting_periods_tenant_id_connection_id FOREIGN KEY(tenant_id, connection_id) REFERENCES connections (tenant_id, id)
);
CREATE INDEX ix_accounting_periods_start ON accounting_periods (tenant_id, start_date);
CREATE UNIQUE INDEX uq_accounting_periods_dedupe_key ON accounting_periods (tenant_id, dedupe_key);

CREATE TABLE ledger_segments (
    tenant_id UUID NOT NULL,
    id UUID DEFAULT uuidv7() NOT NULL,
    connection_id UUID NOT NULL,
    source VARCHAR NOT NULL,
    source_id VARCHAR NOT NULL,
    dedupe_key VARCHAR NOT NULL,
    ingested_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    content_hash BYTEA NOT NULL,
    raw_data JSONB,
    name VARCHAR NOT NULL,
    inactive BOOLEAN NOT NULL,
    kind VARCHAR NOT NULL,
    symbol VARCHAR,
    CONSTRAINT pk_ledger_segments PRIMARY KEY (tenant_id, id),
    CONSTRAINT ck_ledger_segments_kind CHECK (kind IN ('currency', 'department', 'class', 'location')),
    CONSTRAINT fk_ledger_segments_tenant_id_connection_id FOREIGN KEY(tenant_id, connection_id) REFERENCES connections (tenant_id, id)
);
CREATE UNIQUE INDEX uq_ledger_segments_dedupe_key ON ledger_segments (tenant_id, dedupe_key);

CREATE TABLE schedules (
    tenant_id UUID NOT NULL,
    id UUID DEFAULT uuidv7() NOT NULL,
    connection_id UUID NOT NULL,
    cron VARCHAR(100) NOT NULL,
    active BOOLEAN NOT NULL,
    created_by UUID,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_schedules PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_schedules_tenant_id_connection_id FOREIGN KEY(tenant_id, connection_id) REFERENCES connections (tenant_id, id)
);
CREATE UNIQUE INDEX uq_schedules_connection ON schedules (tenant_id, connection_id);

CREATE TABLE webhook_deliveries (
    tenant_id UUID NOT NULL,
    id UUID DEFAULT uuidv7() NOT NULL,
    connection_id UUID NOT NULL,
    delivery_ref VARCHAR(255) NOT NULL,
    topic VARCHAR(255) NOT NULL,
    status VARCHAR NOT NULL,
    object_stream VARCHAR,
    object_ref VARCHAR,
    payload JSONB NOT NULL,
    received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    handled_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_webhook_deliveries PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_webhook_deliveries_tenant_id_connection_id FOREIGN KEY(tenant_id, connection_id) REFERENCES connections (tenant_id, id),
    CONSTRAINT ck_webhook_deliveries_status CHECK (status IN ('waiting', 'done', 'kept', 'failed'))
);
CREATE INDEX ix_webhook_deliveries_received ON webhook_deliveries (tenant_id, received_at);
CREATE INDEX ix_webhook_deliveries_waiting ON webhook_deliveries (tenant_id, connection_id, received_at) WHERE status = 'waiting';
CREATE UNIQUE INDEX uq_webhook_deliveries_delivery ON webhook_deliveries (tenant_id, connection_id, delivery_ref);

CREATE TABLE completeness_checks (
    tenant_id UUID NOT NULL,
    id UUID DEFAULT uuidv7() NOT NULL,
    connection_id UUID NOT NULL,
    job_id UUID NOT NULL,
    stream VARCHAR NOT NULL,
    window_start TIMESTAMP WITH TIME ZONE NOT NULL,
    window_end TIMESTAMP WITH TIME ZONE NOT NULL,
    provider_count INTEGER NOT NULL,
    stored_count INTEGER NOT NULL,
    missing_count INTEGER NOT NULL,
    vanished_count INTEGER NOT NULL,
    different_count INTEGER NOT NULL,
    sums JSONB NOT NULL,
    differences JSONB NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_completeness_checks PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_completeness_checks_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id),
    CONSTRAINT fk_completeness_checks_tenant_id_connection_id FOREIGN KEY(tenant_id, connection_id) REFERENCES connections (tenant_id, id),
    CONSTRAINT fk_completeness_checks_tenant_id_job_id FOREIGN KEY(tenant_id, job_id) REFERENCES jobs (tenant_id, id)
);
CREATE INDEX ix_completeness_checks_created ON completeness_checks (tenant_id, connection_id, created_at);

CREATE TABLE oauth_attempts (
    tenant_id UUID NOT NULL,
    id UUID DEFAULT uuidv7() NOT NULL,
    state_hash BYTEA NOT NULL,
    provider VARCHAR NOT NULL,
    user_id UUID NOT NULL,
    draft BYTEA NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_oauth_attempts PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_oauth_attempts_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
);
CREATE UNIQUE INDEX uq_oauth_attempts_state ON oauth_attempts (tenant_id, state_hash);

CREATE TABLE due_times (
    id UUID NOT NULL,
    tenant_id UUID NOT NULL,
    connection_id UUID NOT NULL,
    kind VARCHAR NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    failures INTEGER DEFAULT 0 NOT NULL,
    CONSTRAINT pk_due_times PRIMARY KEY (id),
    CONSTRAINT ck_due_times_kind CHECK (kind IN ('sync', 'health', 'completeness')),
    CONSTRAINT fk_due_times_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
);
CREATE INDEX ix_due_times_due_at ON due_times (due_at);
CREATE UNIQUE INDEX uq_due_times_connection_id_kind ON due_times (connection_id, kind);

CREATE TABLE webhook_routes (
    connection_id UUID NOT NULL,
    tenant_id UUID NOT NULL,
    CONSTRAINT pk_webhook_routes PRIMARY KEY (connection_id),
    CONSTRAINT fk_webhook_routes_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
);

CREATE INDEX ix_netsuite_transactions_internal ON netsuite_transactions (tenant_id, connection_id, internal_id);
CREATE INDEX ix_payments_order ON payments (tenant_id, order_id);
CREATE INDEX ix_payments_unlinked ON payments (tenant_id, order_ref) WHERE order_id IS NULL AND order_ref IS NOT NULL;
CREATE UNIQUE INDEX uq_jobs_active_other ON jobs (tenant_id, connection_id, kind) WHERE kind IN ('backfill', 'completeness', 'health') AND status IN ('pending', 'running');
