ALTER TABLE connections DROP CONSTRAINT ck_connections_environment,
    ADD CONSTRAINT ck_connections_environment CHECK (environment IN ('provider', 'sandbox', 'files'));

CREATE TABLE bank_accounts (
    tenant_id UUID NOT NULL,
    id UUID DEFAULT uuidv7() NOT NULL,
    label VARCHAR(100) NOT NULL,
    last4 VARCHAR(4) NOT NULL,
    created_by UUID,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_bank_accounts PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_bank_accounts_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
);
CREATE UNIQUE INDEX uq_bank_accounts_label ON bank_accounts (tenant_id, label);

CREATE TABLE imports (
    tenant_id UUID NOT NULL,
    id UUID DEFAULT uuidv7() NOT NULL,
    kind VARCHAR NOT NULL,
    layout VARCHAR NOT NULL,
    status VARCHAR NOT NULL,
    file_name VARCHAR(255) NOT NULL,
    file_hash BYTEA NOT NULL,
    file_bytes INTEGER NOT NULL,
    account_id UUID,
    connection_id UUID,
    job_id UUID,
    options JSONB NOT NULL,
    rows INTEGER DEFAULT 0 NOT NULL,
    inserted INTEGER DEFAULT 0 NOT NULL,
    updated INTEGER DEFAULT 0 NOT NULL,
    unchanged INTEGER DEFAULT 0 NOT NULL,
    ignored INTEGER DEFAULT 0 NOT NULL,
    sums JSONB NOT NULL,
    first_day DATE,
    last_day DATE,
    created_by UUID,
    created_by_label VARCHAR NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    undone_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_imports PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_imports_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id),
    CONSTRAINT fk_imports_tenant_id_account_id FOREIGN KEY(tenant_id, account_id) REFERENCES bank_accounts (tenant_id, id),
    CONSTRAINT fk_imports_tenant_id_connection_id FOREIGN KEY(tenant_id, connection_id) REFERENCES connections (tenant_id, id),
    CONSTRAINT fk_imports_tenant_id_job_id FOREIGN KEY(tenant_id, job_id) REFERENCES jobs (tenant_id, id),
    CONSTRAINT ck_imports_kind CHECK (kind IN ('bank', 'stripe', 'shopify')),
    CONSTRAINT ck_imports_status CHECK (status IN ('completed', 'undone')),
    CONSTRAINT ck_imports_rows CHECK (rows = inserted + updated + unchanged + ignored)
);
CREATE INDEX ix_imports_created ON imports (tenant_id, created_at, id);
CREATE INDEX ix_imports_job ON imports (tenant_id, job_id) WHERE job_id IS NOT NULL;
CREATE UNIQUE INDEX uq_imports_file ON imports (tenant_id, kind, coalesce(account_id, connection_id), file_hash) WHERE status = 'completed';

CREATE TABLE bank_lines (
    tenant_id UUID NOT NULL,
    id UUID DEFAULT uuidv7() NOT NULL,
    account_id UUID NOT NULL,
    import_id UUID NOT NULL,
    listed_in UUID[] NOT NULL,
    line_number INTEGER NOT NULL,
    booked_on DATE NOT NULL,
    value_on DATE,
    amount BIGINT NOT NULL,
    currency VARCHAR NOT NULL,
    description VARCHAR NOT NULL,
    reference VARCHAR NOT NULL,
    balance BIGINT,
    dedupe_key BYTEA NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_bank_lines PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_bank_lines_tenant_id_account_id FOREIGN KEY(tenant_id, account_id) REFERENCES bank_accounts (tenant_id, id),
    CONSTRAINT fk_bank_lines_tenant_id_import_id FOREIGN KEY(tenant_id, import_id) REFERENCES imports (tenant_id, id),
    CONSTRAINT ck_bank_lines_currency CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT ck_bank_lines_listed CHECK (import_id = ANY (listed_in))
);
CREATE INDEX ix_bank_lines_account ON bank_lines (tenant_id, account_id, booked_on, id);
CREATE INDEX ix_bank_lines_amount ON bank_lines (tenant_id, amount, booked_on);
CREATE INDEX ix_bank_lines_booked ON bank_lines (tenant_id, booked_on, id);
CREATE INDEX ix_bank_lines_import ON bank_lines (tenant_id, import_id);
CREATE UNIQUE INDEX uq_bank_lines_key ON bank_lines (tenant_id, account_id, dedupe_key);

CREATE TABLE import_drafts (
    tenant_id UUID NOT NULL,
    id UUID DEFAULT uuidv7() NOT NULL,
    user_id UUID NOT NULL,
    kind VARCHAR NOT NULL,
    status VARCHAR NOT NULL,
    file_name VARCHAR(255) NOT NULL,
    file_hash BYTEA NOT NULL,
    content BYTEA NOT NULL,
    options JSONB NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_import_drafts PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_import_drafts_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id),
    CONSTRAINT ck_import_drafts_kind CHECK (kind IN ('bank', 'stripe', 'shopify')),
    CONSTRAINT ck_import_drafts_status CHECK (status IN ('open', 'importing'))
);
CREATE INDEX ix_import_drafts_expires ON import_drafts (tenant_id, expires_at);
CREATE UNIQUE INDEX uq_import_drafts_open ON import_drafts (tenant_id, user_id) WHERE status = 'open';

CREATE TABLE import_mappings (
    tenant_id UUID NOT NULL,
    id UUID DEFAULT uuidv7() NOT NULL,
    kind VARCHAR NOT NULL,
    headers_hash VARCHAR NOT NULL,
    mapping JSONB NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_import_mappings PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_import_mappings_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id),
    CONSTRAINT ck_import_mappings_kind CHECK (kind IN ('bank', 'stripe', 'shopify'))
);
CREATE UNIQUE INDEX uq_import_mappings_headers ON import_mappings (tenant_id, kind, headers_hash);
