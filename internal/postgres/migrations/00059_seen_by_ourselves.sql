-- +goose Up

-- Packhorse itself has news of parcels, too: labels that were printed, and parcels of which nothing is heard.
ALTER TABLE news DROP CONSTRAINT news_source_check;
ALTER TABLE news ADD CONSTRAINT news_source_check CHECK (source IN ('DELIVERY', 'POLL', 'ANSWER', 'PRINT', 'WATCH'));

-- What is on its way, by when something was heard of it last.
CREATE INDEX fulfillments_under_way_idx ON fulfillments (updated_at)
    WHERE status = 'SUCCESS' AND service_id <> 0 AND delivered_at IS NULL AND given_up_at IS NULL AND display_status IN
        ('CONFIRMED', 'CARRIER_PICKED_UP', 'IN_TRANSIT', 'DELAYED', 'OUT_FOR_DELIVERY', 'ATTEMPTED_DELIVERY');

-- +goose Down

DROP INDEX fulfillments_under_way_idx;
DELETE FROM news WHERE source IN ('PRINT', 'WATCH');
ALTER TABLE news DROP CONSTRAINT news_source_check;
ALTER TABLE news ADD CONSTRAINT news_source_check CHECK (source IN ('DELIVERY', 'POLL', 'ANSWER'));
