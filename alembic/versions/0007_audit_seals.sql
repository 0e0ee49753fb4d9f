ALTER TABLE tenant_configs
    ADD COLUMN audit_payload_days INTEGER,
    ADD CONSTRAINT ck_tenant_configs_audit_payload_days CHECK (audit_payload_days >= 90);

ALTER TABLE audit_events
    ADD COLUMN salt UUID DEFAULT gen_random_uuid(),
    ALTER COLUMN payload DROP NOT NULL;
DROP INDEX ix_audit_events_xid;
DROP INDEX ix_audit_events_correlation;
DROP INDEX ix_audit_events_resource;
CREATE INDEX ix_audit_events_category ON audit_events (tenant_id, category, occurred_at, id);
CREATE INDEX ix_audit_events_action ON audit_events (tenant_id, action, occurred_at, id);
CREATE INDEX ix_audit_events_actor ON audit_events (tenant_id, actor, occurred_at, id);
CREATE INDEX ix_audit_events_correlation ON audit_events (tenant_id, correlation_id, occurred_at, id);
CREATE INDEX ix_audit_events_resource_type ON audit_events (tenant_id, resource_type, occurred_at, id);
CREATE INDEX ix_audit_events_resource ON audit_events (tenant_id, resource_id, occurred_at, id);
CREATE INDEX ix_audit_events_status ON audit_events (tenant_id, status, occurred_at, id) WHERE status <> 'success';

CREATE TABLE seal_queue (
    tenant_id UUID NOT NULL,
    event_id UUID NOT NULL,
    CONSTRAINT pk_seal_queue PRIMARY KEY (tenant_id, event_id)
);

CREATE TABLE audit_seals (
    tenant_id UUID NOT NULL,
    id UUID DEFAULT uuidv7() NOT NULL,
    number INTEGER NOT NULL,
    count INTEGER NOT NULL,
    total BIGINT NOT NULL,
    root BYTEA NOT NULL,
    previous BYTEA NOT NULL,
    hash BYTEA NOT NULL,
    signature BYTEA NOT NULL,
    key_id VARCHAR NOT NULL,
    sealed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_audit_seals PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_audit_seals_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
);
CREATE UNIQUE INDEX uq_audit_seals_number ON audit_seals (tenant_id, number);

CREATE TABLE audit_leaves (
    tenant_id UUID NOT NULL,
    id UUID DEFAULT uuidv7() NOT NULL,
    batch INTEGER NOT NULL,
    position INTEGER NOT NULL,
    leaf_hash BYTEA NOT NULL,
    private_hash BYTEA NOT NULL,
    CONSTRAINT pk_audit_leaves PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_audit_leaves_tenant_id_id FOREIGN KEY(tenant_id, id) REFERENCES audit_events (tenant_id, id)
);
CREATE UNIQUE INDEX uq_audit_leaves_place ON audit_leaves (tenant_id, batch, position);

CREATE TABLE audit_streams (
    tenant_id UUID NOT NULL,
    id UUID DEFAULT uuidv7() NOT NULL,
    url VARCHAR(2000) NOT NULL,
    secret BYTEA NOT NULL,
    key_version VARCHAR NOT NULL,
    status VARCHAR NOT NULL,
    batch INTEGER NOT NULL,
    position INTEGER DEFAULT 0 NOT NULL,
    delivered BIGINT NOT NULL,
    failures INTEGER DEFAULT 0 NOT NULL,
    last_error VARCHAR,
    last_tried_at TIMESTAMP WITH TIME ZONE,
    last_delivered_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_audit_streams PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_audit_streams_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id),
    CONSTRAINT ck_audit_streams_status CHECK (status IN ('active', 'paused'))
);
CREATE UNIQUE INDEX uq_audit_streams_tenant ON audit_streams (tenant_id);

ALTER TABLE due_times DROP CONSTRAINT ck_due_times_kind;
ALTER TABLE due_times ADD CONSTRAINT ck_due_times_kind CHECK (kind IN ('sync', 'health', 'completeness', 'audit_stream'));

CREATE FUNCTION queue_for_sealing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO seal_queue SELECT tenant_id, id FROM added;
    RETURN NULL;
END $$;
CREATE TRIGGER queue_for_sealing AFTER INSERT ON audit_events
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION queue_for_sealing();

-- What is in the log already waits for its seal like what comes.
DO $$
DECLARE
    tenant uuid;
BEGIN
    FOR tenant IN SELECT id FROM tenants LOOP
        PERFORM set_config('app.current_tenant_id', tenant::text, true);
        INSERT INTO seal_queue SELECT tenant_id, id FROM audit_events;
    END LOOP;
    PERFORM set_config('app.current_tenant_id', '', true);
END $$;

-- An update may do one thing: take address and payload away once their time is over.
CREATE FUNCTION refuse_change_but_removal() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wanted audit_events := OLD;
    kept_until timestamptz;
BEGIN
    wanted.payload := NULL;
    wanted.address := '';
    wanted.salt := NULL;
    SELECT OLD.occurred_at + make_interval(days => audit_payload_days) INTO kept_until
    FROM tenant_configs WHERE tenant_id = OLD.tenant_id;
    IF NEW IS NOT DISTINCT FROM wanted AND kept_until < now()
        AND EXISTS (SELECT FROM audit_leaves l WHERE l.tenant_id = OLD.tenant_id AND l.id = OLD.id)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'audit events are append-only' USING ERRCODE = 'insufficient_privilege';
END $$;
DROP TRIGGER append_only ON audit_events;
CREATE TRIGGER append_only BEFORE DELETE ON audit_events
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_update BEFORE UPDATE ON audit_events
FOR EACH ROW EXECUTE FUNCTION refuse_change_but_removal();

-- The owner's, since the application may change nothing in the log. Row-level security holds the
-- owner too: it reaches the current workspace and no other.
CREATE FUNCTION remove_audit_payloads(most integer) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    WITH removed AS (
        UPDATE audit_events SET payload = NULL, address = '', salt = NULL
        WHERE id IN (
            SELECT e.id FROM audit_events e JOIN audit_leaves l ON l.id = e.id
            WHERE e.payload IS NOT NULL AND e.occurred_at < (
                SELECT now() - make_interval(days => audit_payload_days) FROM tenant_configs)
            ORDER BY e.occurred_at LIMIT most)
        RETURNING 1
    )
    SELECT count(*) FROM removed
$$;
