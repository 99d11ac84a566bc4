-- +goose Up

-- The tracking numbers of a shipment as they are compared: capitals and digits, without the 420 and ZIP code that the
-- USPS may put before them.
-- +goose StatementBegin
CREATE FUNCTION parcel_numbers(tracking jsonb) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(n) FILTER (WHERE n <> ''), '{}') FROM (
        SELECT regexp_replace(plain, '^420(?:[0-9]{5}|[0-9]{9})(9[0-9]{21}|9[0-9]{19})$', '\1') AS n FROM (
            SELECT regexp_replace(upper(t ->> 'number'), '[^A-Z0-9]', '', 'g') AS plain
            FROM jsonb_array_elements(CASE jsonb_typeof(tracking) WHEN 'array' THEN tracking ELSE '[]' END) AS t
        ) AS given
    ) AS numbers
$$;
-- +goose StatementEnd

CREATE INDEX fulfillments_parcel_numbers_idx ON fulfillments USING gin (parcel_numbers(tracking))
    WHERE service_id <> 0 AND tracking IS NOT NULL;

-- News of a parcel that nobody knew is looked at again when a shipment gets its number.
-- +goose StatementBegin
CREATE FUNCTION news_of_parcel() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE news SET next_at = clock_timestamp(), epoch = epoch + 1 -- Whoever looks now may have looked before.
    WHERE state = 'UNMATCHED' AND service_id = NEW.service_id
        AND waits_for && ARRAY(SELECT 'number:' || n FROM unnest(parcel_numbers(NEW.tracking)) AS n);
    IF FOUND THEN
        PERFORM pg_notify('packhorse_news', '');
    END IF;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER fulfillment_gets_number AFTER INSERT ON fulfillments
    FOR EACH ROW WHEN (NEW.service_id <> 0 AND NEW.tracking IS NOT NULL) EXECUTE FUNCTION news_of_parcel();
CREATE TRIGGER fulfillment_gets_other_number AFTER UPDATE OF tracking ON fulfillments
    FOR EACH ROW WHEN (NEW.service_id <> 0 AND NEW.tracking IS DISTINCT FROM OLD.tracking)
    EXECUTE FUNCTION news_of_parcel();

-- +goose Down

DROP TRIGGER fulfillment_gets_other_number ON fulfillments;
DROP TRIGGER fulfillment_gets_number ON fulfillments;
DROP FUNCTION news_of_parcel;
DROP INDEX fulfillments_parcel_numbers_idx;
DROP FUNCTION parcel_numbers(jsonb);
