-- +goose Up

-- What is compared with what comes in is tidy: without blanks at its ends, and with one where there were several. The
-- blanks are those of fulfillment.Tidy.
-- +goose StatementBegin
CREATE FUNCTION pg_temp.tidy(text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT btrim(regexp_replace($1, '[\s\u0085\u00a0\u1680\u2000-\u200b\u2028\u2029\u202f\u205f\u2060\u3000\ufeff]+', ' ', 'g'))
$$;
-- +goose StatementEnd

UPDATE locations SET skus = ARRAY(
        SELECT pg_temp.tidy(sku) FROM unnest(skus) WITH ORDINALITY one (sku, place) WHERE pg_temp.tidy(sku) <> ''
        GROUP BY pg_temp.tidy(sku) ORDER BY min(place))
    WHERE EXISTS (SELECT FROM unnest(skus) sku WHERE sku <> pg_temp.tidy(sku));

-- Of two orders that only differ by blanks, both keep their names. One with nothing but blanks has none.
WITH untidy AS (
    SELECT id, pg_temp.tidy(source_identifier) AS tidy FROM orders
    WHERE source_identifier <> pg_temp.tidy(source_identifier)
)
UPDATE orders o SET source_identifier = nullif(u.tidy, '') FROM untidy u
    WHERE u.id = o.id AND NOT EXISTS (SELECT FROM orders other WHERE other.source_identifier = u.tidy)
        AND (u.tidy = '' OR NOT EXISTS (SELECT FROM untidy other WHERE other.tidy = u.tidy AND other.id <> u.id));

DROP FUNCTION pg_temp.tidy(text);

-- +goose Down

-- What the texts were is not known any more.
SELECT 1;
