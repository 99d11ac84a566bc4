-- +goose Up

-- Labels and other documents, once for each content. PNG and PDF don't get smaller, so nobody tries.
CREATE TABLE documents (
    sha256     bytea PRIMARY KEY CHECK (octet_length(sha256) = 32),
    media_type text NOT NULL,
    size       integer NOT NULL CHECK (size > 0),
    bytes      bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
ALTER TABLE documents ALTER COLUMN bytes SET STORAGE EXTERNAL;

-- What a document is of. Without a content it is still to be fetched at next_at, or, without that, never was to be had.
-- It has a customer's name and address, so it goes when its order goes.
CREATE TABLE document_links (
    id                   bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    order_id             bigint NOT NULL REFERENCES orders ON DELETE CASCADE,
    fulfillment_order_id bigint NOT NULL,
    provider             text NOT NULL,
    service_id           bigint NOT NULL, -- whose system brought it
    request_key          text NOT NULL,
    reference            text NOT NULL,
    kind                 text NOT NULL,
    name                 text NOT NULL,
    part                 integer NOT NULL,
    tracking_number      text NOT NULL,
    source_url           text NOT NULL,
    sha256               bytea REFERENCES documents,
    problem              text NOT NULL DEFAULT '',
    attempts             integer NOT NULL DEFAULT 0,
    next_at              timestamptz,
    printed              integer NOT NULL DEFAULT 0,
    created_at           timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (request_key, kind, name, tracking_number, part)
);
CREATE INDEX document_links_fulfillment_order_idx ON document_links (fulfillment_order_id);
CREATE INDEX document_links_order_idx ON document_links (order_id);
CREATE INDEX document_links_sha256_idx ON document_links (sha256);
CREATE INDEX document_links_due_idx ON document_links (next_at) WHERE sha256 IS NULL AND next_at IS NOT NULL;

-- +goose StatementBegin
CREATE FUNCTION documents_go() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM documents d WHERE d.sha256 = OLD.sha256
        AND NOT EXISTS (SELECT FROM document_links l WHERE l.sha256 = d.sha256);
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER document_links_documents_go AFTER DELETE ON document_links
    FOR EACH ROW WHEN (OLD.sha256 IS NOT NULL) EXECUTE FUNCTION documents_go();

-- Who has looked at which document, and when. The document itself may be gone by then.
CREATE TABLE document_accesses (
    document_id bigint NOT NULL,
    order_id    bigint NOT NULL,
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    who         text NOT NULL
);
CREATE INDEX document_accesses_document_idx ON document_accesses (document_id, at);

-- +goose Down

DROP TABLE document_accesses;
DROP TABLE document_links;
DROP FUNCTION documents_go;
DROP TABLE documents;
