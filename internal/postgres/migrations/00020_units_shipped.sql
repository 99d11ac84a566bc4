-- +goose Up

-- No more units of an order's line are in shipments than it has, whoever writes them. Commits hold the order's lock, so
-- they see each other's shipments. What was written before is not looked at, until a shipment of that order is written.
-- The rows of an order are found by their indexes, however small the tables were when a connection planned this.
-- +goose StatementBegin
CREATE FUNCTION check_units_shipped(orders_written bigint[]) RETURNS void LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    written bigint;
    too_many record;
BEGIN
    FOREACH written IN ARRAY orders_written LOOP
        SELECT l.line_item_id, sum(l.quantity) AS shipped, max(i.current_quantity) AS ordered INTO too_many
        FROM fulfillments f
            JOIN fulfillment_line_items l ON l.fulfillment_id = f.id
            LEFT JOIN line_items i ON i.order_id = f.order_id AND i.id = l.line_item_id
        WHERE f.order_id = written AND f.cancelled_at IS NULL
        GROUP BY l.line_item_id HAVING sum(l.quantity) > coalesce(max(i.current_quantity), 0) LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'line % of order % has % units, and % of them are in shipments', too_many.line_item_id,
                written, coalesce(too_many.ordered, 0), too_many.shipped
                USING ERRCODE = 'check_violation', CONSTRAINT = 'units_shipped', TABLE = 'fulfillment_line_items';
        END IF;
    END LOOP;
END
$$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION check_units_of_shipments() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM check_units_shipped(ARRAY(
        SELECT DISTINCT (SELECT f.order_id FROM fulfillments f WHERE f.id = w.fulfillment_id) FROM written w));
    RETURN NULL;
END
$$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION check_units_of_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM check_units_shipped(ARRAY[NEW.order_id]);
    RETURN NULL;
END
$$;
-- +goose StatementEnd

CREATE TRIGGER units_shipped AFTER INSERT ON fulfillment_line_items REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION check_units_of_shipments();
CREATE TRIGGER units_shipped_changed AFTER UPDATE ON fulfillment_line_items REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION check_units_of_shipments();
-- A shipment that was taken back stays taken back, as far as its units have been shipped anew.
CREATE TRIGGER units_shipped AFTER UPDATE OF cancelled_at ON fulfillments
    FOR EACH ROW WHEN (OLD.cancelled_at IS NOT NULL AND NEW.cancelled_at IS NULL)
    EXECUTE FUNCTION check_units_of_order();
CREATE TRIGGER units_shipped AFTER UPDATE OF current_quantity ON line_items
    FOR EACH ROW WHEN (NEW.current_quantity < OLD.current_quantity) EXECUTE FUNCTION check_units_of_order();

-- +goose Down

DROP TRIGGER units_shipped ON line_items;
DROP TRIGGER units_shipped ON fulfillments;
DROP TRIGGER units_shipped_changed ON fulfillment_line_items;
DROP TRIGGER units_shipped ON fulfillment_line_items;
DROP FUNCTION check_units_of_order();
DROP FUNCTION check_units_of_shipments();
DROP FUNCTION check_units_shipped(bigint[]);
