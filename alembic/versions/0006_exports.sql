CREATE TABLE exports (
    tenant_id UUID NOT NULL,
    id UUID DEFAULT uuidv7() NOT NULL,
    job_id UUID NOT NULL,
    requested_by UUID NOT NULL,
    requested_by_label VARCHAR NOT NULL,
    table_name VARCHAR NOT NULL,
    format VARCHAR NOT NULL,
    query VARCHAR NOT NULL,
    file_name VARCHAR NOT NULL,
    file_key VARCHAR,
    row_count BIGINT,
    size BIGINT,
    sha256 VARCHAR(64),
    hidden BOOLEAN DEFAULT false NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    removed_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_exports PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_exports_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id),
    CONSTRAINT fk_exports_tenant_id_job_id FOREIGN KEY(tenant_id, job_id) REFERENCES jobs (tenant_id, id),
    CONSTRAINT ck_exports_format CHECK (format IN ('csv', 'xlsx'))
);
CREATE INDEX ix_exports_created ON exports (tenant_id, created_at);
CREATE INDEX ix_exports_kept ON exports (tenant_id, expires_at) WHERE removed_at IS NULL;
CREATE UNIQUE INDEX uq_exports_job ON exports (tenant_id, job_id);
