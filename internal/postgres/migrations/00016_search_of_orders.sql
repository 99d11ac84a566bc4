-- +goose Up

-- How many places amounts of a currency have: 2 when it is unknown. ISO 4217, as golang.org/x/text/currency has it.
-- +goose StatementBegin
CREATE FUNCTION currency_digits(code text) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN code = ANY ('{ADP,AFN,ALL,AMD,BIF,BYR,CLP,COP,DJF,ESP,GNF,GYD,IDR,IQD,IRR,ISK,ITL,JPY,KMF,KPW,KRW,LAK,LBP,
            LUF,MGA,MGF,MMK,MNT,MRO,MUR,PKR,PYG,RSD,RWF,SLL,SOS,STD,SYP,TMM,TRL,TZS,UGX,UYI,UZS,VND,VUV,XAF,XOF,XPF,
            YER,ZMK,ZWD}'::text[]) THEN 0
        WHEN code = ANY ('{BHD,JOD,KWD,LYD,OMR,TND}'::text[]) THEN 3
        WHEN code = 'CLF' THEN 4
        ELSE 2
    END
$$;
-- +goose StatementEnd

-- What the order's lines cost now, with their taxes: the domain's Totals.CurrentTotal.
-- +goose StatementBegin
CREATE FUNCTION current_total(number bigint, digits integer) RETURNS numeric LANGUAGE sql STABLE AS $$
    SELECT coalesce(sum(coalesce(l.unit_price, 0) * l.current_quantity + coalesce((
        SELECT sum(CASE
            WHEN coalesce(t ->> 'price', '') = ''
                THEN round(coalesce(l.unit_price, 0) * l.current_quantity * (t ->> 'rate')::numeric, digits)
            WHEN l.current_quantity = l.quantity THEN (t ->> 'price')::numeric
            ELSE round((t ->> 'price')::numeric * l.current_quantity / l.quantity, digits) END)
        FROM jsonb_array_elements(CASE jsonb_typeof(l.tax_lines) WHEN 'array' THEN l.tax_lines ELSE '[]' END) t), 0)), 0)
    FROM line_items l WHERE l.order_id = number
$$;
-- +goose StatementEnd

-- Where payments stand of an order that costs this: the domain's FinancialStatus.
-- +goose StatementBegin
CREATE FUNCTION financial_status(transactions jsonb, total numeric) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN paid > 0 AND refunded >= paid THEN 'REFUNDED'
        WHEN paid > 0 AND refunded > 0 THEN 'PARTIALLY_REFUNDED'
        WHEN paid > 0 AND paid < total THEN 'PARTIALLY_PAID'
        WHEN paid > 0 THEN 'PAID'
        WHEN voided THEN 'VOIDED'
        WHEN authorized THEN 'AUTHORIZED'
        ELSE 'PENDING'
    END
    FROM (SELECT
        coalesce(sum((t ->> 'amount')::numeric) FILTER (WHERE t ->> 'kind' IN ('SALE', 'CAPTURE')), 0) AS paid,
        coalesce(sum((t ->> 'amount')::numeric) FILTER (WHERE t ->> 'kind' = 'REFUND'), 0) AS refunded,
        coalesce(bool_or(t ->> 'kind' = 'VOID'), false) AS voided,
        coalesce(bool_or(t ->> 'kind' IN ('AUTHORIZATION', 'EMV_AUTHORIZATION')), false) AS authorized
        FROM jsonb_array_elements(CASE jsonb_typeof(transactions) WHEN 'array' THEN transactions ELSE '[]' END) t
        WHERE t ->> 'status' = 'SUCCESS') AS sums
$$;
-- +goose StatementEnd

-- What is searched and follows from the lines and the payments. NULL: the order was made by a worker of the version
-- before while this was applied, and is found by none of it until it is edited.
ALTER TABLE orders
    ADD COLUMN current_total numeric,
    ADD COLUMN current_units numeric,
    ADD COLUMN financial_status text;
UPDATE orders o SET current_total = sums.total, current_units = sums.units,
    financial_status = financial_status(o.transactions, sums.total)
FROM (SELECT id, current_total(id, currency_digits(currency_code)) AS total, (SELECT coalesce(sum(l.current_quantity), 0)
    FROM line_items l WHERE l.order_id = orders.id) AS units FROM orders) AS sums
WHERE sums.id = o.id;

CREATE INDEX orders_financial_status_idx ON orders (financial_status, id);
CREATE INDEX orders_current_total_idx ON orders (current_total);
CREATE INDEX orders_current_units_idx ON orders (current_units);
CREATE INDEX orders_lower_source_identifier_idx ON orders (lower(source_identifier) text_pattern_ops);
CREATE INDEX line_items_lower_sku_idx ON line_items (lower(sku) text_pattern_ops) WHERE sku <> '';
-- What is shipped is most of all, and found without it.
CREATE INDEX fulfillment_orders_delivery_method_idx ON fulfillment_orders (delivery_method, order_id)
    WHERE delivery_method <> 'SHIPPING';
CREATE INDEX fulfillments_location_idx ON fulfillments (location_id, order_id);

-- +goose Down

DROP INDEX fulfillments_location_idx, fulfillment_orders_delivery_method_idx, line_items_lower_sku_idx,
    orders_lower_source_identifier_idx, orders_current_units_idx, orders_current_total_idx, orders_financial_status_idx;
ALTER TABLE orders DROP COLUMN financial_status, DROP COLUMN current_units, DROP COLUMN current_total;
DROP FUNCTION financial_status(jsonb, numeric);
DROP FUNCTION current_total(bigint, integer);
DROP FUNCTION currency_digits(text);
