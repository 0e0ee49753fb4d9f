ALTER TABLE tenant_configs
    ADD COLUMN fiscal_year_start INTEGER DEFAULT 1 NOT NULL
    CONSTRAINT ck_tenant_configs_fiscal_year_start CHECK (fiscal_year_start BETWEEN 1 AND 12);

ALTER TABLE memberships ADD COLUMN last_seen_at TIMESTAMP WITH TIME ZONE;

CREATE TABLE invitations (
    tenant_id UUID NOT NULL,
    id UUID DEFAULT uuidv7() NOT NULL,
    email VARCHAR(320) NOT NULL,
    name VARCHAR(200) NOT NULL,
    role VARCHAR NOT NULL,
    invited_by UUID,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_invitations PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_invitations_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    CONSTRAINT ck_invitations_role CHECK (role IN ('admin', 'finance', 'ops', 'readonly'))
);

CREATE UNIQUE INDEX uq_invitations_email ON invitations (tenant_id, email);

CREATE TABLE one_time_links (
    token_hash BYTEA NOT NULL,
    tenant_id UUID NOT NULL,
    person_id UUID NOT NULL,
    kind VARCHAR NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_one_time_links PRIMARY KEY (token_hash),
    CONSTRAINT fk_one_time_links_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    CONSTRAINT ck_one_time_links_kind CHECK (kind IN ('invitation', 'password'))
);

CREATE UNIQUE INDEX uq_one_time_links_person ON one_time_links (tenant_id, person_id);
