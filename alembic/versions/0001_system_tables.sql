CREATE TABLE tenants (
    id UUID NOT NULL,
    slug VARCHAR(63) NOT NULL,
    name VARCHAR(200) NOT NULL,
    plan VARCHAR NOT NULL,
    plan_expires_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_tenants PRIMARY KEY (id),
    CONSTRAINT ck_tenants_plan CHECK (plan IN ('trial', 'pro', 'enterprise')),
    CONSTRAINT uq_tenants_slug UNIQUE (slug)
);

CREATE TABLE users (
    id UUID NOT NULL,
    email VARCHAR(320) NOT NULL,
    name VARCHAR(200) NOT NULL,
    password_hash VARCHAR NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_users PRIMARY KEY (id)
);
CREATE UNIQUE INDEX uq_users_email ON users (lower(email));

CREATE TABLE tenant_configs (
    tenant_id UUID NOT NULL,
    id UUID DEFAULT uuidv7() NOT NULL,
    timezone VARCHAR NOT NULL,
    currency VARCHAR NOT NULL,
    posting_mode VARCHAR NOT NULL,
    posting_batch_size INTEGER NOT NULL,
    CONSTRAINT pk_tenant_configs PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_tenant_configs_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id),
    CONSTRAINT ck_tenant_configs_posting_mode CHECK (posting_mode IN ('lumpsum', 'detail', 'mirror'))
);
CREATE UNIQUE INDEX uq_tenant_configs_tenant ON tenant_configs (tenant_id);

CREATE TABLE memberships (
    tenant_id UUID NOT NULL,
    id UUID DEFAULT uuidv7() NOT NULL,
    user_id UUID NOT NULL,
    role VARCHAR NOT NULL,
    active BOOLEAN DEFAULT true NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_memberships PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_memberships_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id),
    CONSTRAINT ck_memberships_role CHECK (role IN ('admin', 'finance', 'ops', 'readonly')),
    CONSTRAINT fk_memberships_user_id FOREIGN KEY(user_id) REFERENCES users (id)
);
CREATE INDEX ix_memberships_user_id ON memberships (user_id);
CREATE UNIQUE INDEX uq_memberships_user ON memberships (tenant_id, user_id);

CREATE TABLE sessions (
    id UUID NOT NULL,
    token_hash BYTEA NOT NULL,
    user_id UUID NOT NULL,
    tenant_id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    address VARCHAR NOT NULL,
    user_agent VARCHAR(400) NOT NULL,
    CONSTRAINT pk_sessions PRIMARY KEY (id),
    CONSTRAINT uq_sessions_token_hash UNIQUE (token_hash),
    CONSTRAINT fk_sessions_user_id FOREIGN KEY(user_id) REFERENCES users (id),
    CONSTRAINT fk_sessions_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
);
CREATE INDEX ix_sessions_user_id ON sessions (user_id);

CREATE TABLE connections (
    tenant_id UUID NOT NULL,
    id UUID DEFAULT uuidv7() NOT NULL,
    provider VARCHAR NOT NULL,
    label VARCHAR(100) NOT NULL,
    environment VARCHAR NOT NULL,
    status VARCHAR NOT NULL,
    credentials BYTEA,
    key_version VARCHAR NOT NULL,
    account_id VARCHAR,
    account_name VARCHAR,
    last_error VARCHAR,
    last_sync_at TIMESTAMP WITH TIME ZONE,
    created_by UUID,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    revoked_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_connections PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_connections_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id),
    CONSTRAINT ck_connections_provider CHECK (provider IN ('stripe', 'shopify', 'netsuite')),
    CONSTRAINT ck_connections_status CHECK (status IN ('active', 'error', 'revoked')),
    CONSTRAINT ck_connections_environment CHECK (environment IN ('provider', 'sandbox'))
);
CREATE INDEX ix_connections_created ON connections (tenant_id, created_at);

CREATE TABLE cursor_states (
    tenant_id UUID NOT NULL,
    id UUID DEFAULT uuidv7() NOT NULL,
    connection_id UUID NOT NULL,
    stream VARCHAR NOT NULL,
    cursor JSONB NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_cursor_states PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_cursor_states_tenant_id_connection_id FOREIGN KEY(tenant_id, connection_id) REFERENCES connections (tenant_id, id)
);
CREATE UNIQUE INDEX uq_cursor_states_stream ON cursor_states (tenant_id, connection_id, stream);

CREATE TABLE jobs (
    tenant_id UUID NOT NULL,
    id UUID DEFAULT uuidv7() NOT NULL,
    kind VARCHAR NOT NULL,
    queue VARCHAR NOT NULL,
    status VARCHAR NOT NULL,
    connection_id UUID,
    arguments JSONB NOT NULL,
    correlation_id VARCHAR NOT NULL,
    requested_by UUID,
    requested_by_label VARCHAR NOT NULL,
    retry_of UUID,
    attempts INTEGER DEFAULT 0 NOT NULL,
    max_attempts INTEGER NOT NULL,
    fence INTEGER DEFAULT 0 NOT NULL,
    lease_until TIMESTAMP WITH TIME ZONE,
    cancel_requested BOOLEAN NOT NULL,
    phase VARCHAR NOT NULL,
    phase_number INTEGER DEFAULT 0 NOT NULL,
    phase_count INTEGER DEFAULT 0 NOT NULL,
    phase_fraction INTEGER DEFAULT 0 NOT NULL,
    phase_started_at TIMESTAMP WITH TIME ZONE,
    rows_done INTEGER DEFAULT 0 NOT NULL,
    inserted INTEGER DEFAULT 0 NOT NULL,
    updated INTEGER DEFAULT 0 NOT NULL,
    unchanged INTEGER DEFAULT 0 NOT NULL,
    rejected INTEGER DEFAULT 0 NOT NULL,
    ignored INTEGER DEFAULT 0 NOT NULL,
    error_code VARCHAR,
    error_message VARCHAR,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE,
    finished_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_jobs PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_jobs_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id),
    CONSTRAINT fk_jobs_tenant_id_connection_id FOREIGN KEY(tenant_id, connection_id) REFERENCES connections (tenant_id, id),
    CONSTRAINT ck_jobs_queue CHECK (queue IN ('default', 'sync', 'recon', 'posting', 'export')),
    CONSTRAINT ck_jobs_status CHECK (status IN ('pending', 'running', 'completed', 'failed', 'canceled', 'dead'))
);
CREATE INDEX ix_jobs_connection ON jobs (tenant_id, connection_id, created_at);
CREATE INDEX ix_jobs_created ON jobs (tenant_id, created_at);
CREATE UNIQUE INDEX uq_jobs_active_sync ON jobs (tenant_id, connection_id) WHERE kind = 'sync' AND status IN ('pending', 'running');

CREATE TABLE outbox (
    job_id UUID NOT NULL,
    tenant_id UUID NOT NULL,
    queue VARCHAR NOT NULL,
    ring_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    rung INTEGER DEFAULT 0 NOT NULL,
    CONSTRAINT pk_outbox PRIMARY KEY (job_id),
    CONSTRAINT fk_outbox_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
);
CREATE INDEX ix_outbox_ring_at ON outbox (ring_at);

CREATE TABLE ingest_rejects (
    tenant_id UUID NOT NULL,
    id UUID DEFAULT uuidv7() NOT NULL,
    connection_id UUID NOT NULL,
    job_id UUID NOT NULL,
    stream VARCHAR NOT NULL,
    source_id VARCHAR,
    reason_code VARCHAR NOT NULL,
    message VARCHAR NOT NULL,
    payload VARCHAR NOT NULL,
    payload_hash BYTEA NOT NULL,
    times_seen INTEGER DEFAULT 1 NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    resolved_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_ingest_rejects PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_ingest_rejects_tenant_id_connection_id FOREIGN KEY(tenant_id, connection_id) REFERENCES connections (tenant_id, id)
);
CREATE INDEX ix_ingest_rejects_created ON ingest_rejects (tenant_id, created_at);
CREATE UNIQUE INDEX uq_ingest_rejects_payload ON ingest_rejects (tenant_id, connection_id, stream, payload_hash);

CREATE TABLE audit_events (
    tenant_id UUID NOT NULL,
    id UUID DEFAULT uuidv7() NOT NULL,
    occurred_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    category VARCHAR NOT NULL,
    action VARCHAR(80) NOT NULL,
    actor_id UUID,
    actor VARCHAR NOT NULL,
    channel VARCHAR NOT NULL,
    resource_type VARCHAR NOT NULL,
    resource_id VARCHAR NOT NULL,
    status VARCHAR NOT NULL,
    correlation_id VARCHAR NOT NULL,
    address VARCHAR NOT NULL,
    payload JSONB NOT NULL,
    xid XID8 DEFAULT pg_current_xact_id() NOT NULL,
    CONSTRAINT pk_audit_events PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_audit_events_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id),
    CONSTRAINT ck_audit_events_category CHECK (category IN ('auth', 'connection', 'job', 'table', 'recon', 'journal', 'config', 'billing', 'entitlement', 'security')),
    CONSTRAINT ck_audit_events_status CHECK (status IN ('success', 'error', 'denied'))
);
CREATE INDEX ix_audit_events_correlation ON audit_events (tenant_id, correlation_id, occurred_at);
CREATE INDEX ix_audit_events_occurred ON audit_events (tenant_id, occurred_at, id);
CREATE INDEX ix_audit_events_resource ON audit_events (tenant_id, resource_type, resource_id, occurred_at);
CREATE INDEX ix_audit_events_xid ON audit_events (tenant_id, xid);
