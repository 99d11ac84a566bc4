package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/fulfillment"
)

// StockLevel is how many units of a SKU there are at a location, and when the service that runs it has said so.
type StockLevel struct {
	SKU       string    `json:"sku"`
	Available int64     `json:"available"`
	ReadAt    time.Time `json:"readAt"`
}

const (
	// levelsAtOnce is how many levels one statement keeps.
	levelsAtOnce = 5000
	// levelsKept is how many levels a location has at most: a service may name others each time that it is asked.
	levelsKept = 500_000
)

// SetStock keeps what the service that runs a location says that it has. What it does not name keeps its level, unless
// there are more than 500,000: those go first that were not named for the longest time.
func (s *Store) SetStock(ctx context.Context, locationID fulfillment.ID, levels map[string]int64) error {
	for part := range slices.Chunk(slices.Sorted(maps.Keys(levels)), levelsAtOnce) {
		if err := s.setStock(ctx, locationID, part, levels); err != nil {
			return fmt.Errorf("keep the stock of location %d: %w", locationID, translate(err))
		}
	}
	if err := s.trimStock(ctx, locationID, levelsKept); err != nil {
		return fmt.Errorf("forget old stock of location %d: %w", locationID, translate(err))
	}
	return nil
}

// setStock keeps the levels of some SKUs.
func (s *Store) setStock(ctx context.Context, locationID fulfillment.ID, skus []string, levels map[string]int64) error {
	type row struct {
		SKU       string `json:"sku"`
		Available int64  `json:"available"`
	}
	rows := make([]row, len(skus))
	for i, sku := range skus {
		rows[i] = row{clean(sku), levels[sku]}
	}
	encoded, err := encode(rows)
	if err != nil {
		return err
	}
	_, err = s.pool.Exec(ctx, `
INSERT INTO stock_levels (location_id, sku, available, read_at)
SELECT DISTINCT ON (sku) $1, sku, available, clock_timestamp()
FROM jsonb_to_recordset($2::jsonb) AS t (sku text, available bigint)
ORDER BY sku, available
ON CONFLICT (location_id, sku) DO UPDATE SET available = excluded.available, read_at = excluded.read_at`,
		locationID, json.RawMessage(encoded))
	return err
}

// trimStock forgets levels of a location beyond so many, the oldest first.
func (s *Store) trimStock(ctx context.Context, locationID fulfillment.ID, keep int) error {
	_, err := s.pool.Exec(ctx, `
DELETE FROM stock_levels l USING (
	SELECT sku FROM stock_levels WHERE location_id = $1
		AND (SELECT count(*) FROM stock_levels WHERE location_id = $1) > $2
	ORDER BY read_at DESC, sku OFFSET $2
) old WHERE l.location_id = $1 AND l.sku = old.sku`, locationID, keep)
	return err
}

// StockLevels lists some levels of a location by SKU, and counts all.
func (s *Store) StockLevels(
	ctx context.Context, locationID fulfillment.ID, limit int,
) (levels []StockLevel, all int, err error) {
	rows, err := s.pool.Query(ctx, `
SELECT sku, available, read_at, count(*) OVER () FROM stock_levels WHERE location_id = $1 ORDER BY sku LIMIT $2`,
		locationID, limit)
	if err == nil {
		var l StockLevel
		_, err = pgx.ForEachRow(rows, []any{&l.SKU, &l.Available, &l.ReadAt, &all}, func() error {
			levels = append(levels, l)
			return nil
		})
	}
	if err != nil {
		return nil, 0, fmt.Errorf("list the stock of location %d: %w", locationID, translate(err))
	}
	return levels, all, nil
}

// StockedLocations is [Store.Locations] with what services with inventoryManagement have said of these SKUs.
func (s *Store) StockedLocations(ctx context.Context, skus []string) ([]fulfillment.Location, error) {
	locations, err := s.Locations(ctx)
	tells := func(l fulfillment.Location) bool { return l.Service != nil && l.Service.InventoryManagement }
	if err != nil || len(skus) == 0 || !slices.ContainsFunc(locations, tells) {
		return locations, err
	}
	rows, err := s.pool.Query(ctx, `
SELECT l.location_id, l.sku, l.available FROM stock_levels l JOIN locations o ON o.id = l.location_id
	JOIN services s ON s.id = o.service_id
WHERE l.sku = ANY ($1) AND s.inventory_management AND `+called, fulfillment.TidyAll(skus))
	stock := map[fulfillment.ID]map[string]int64{}
	if err == nil {
		var at fulfillment.ID
		var sku string
		var available int64
		_, err = pgx.ForEachRow(rows, []any{&at, &sku, &available}, func() error {
			if stock[at] == nil {
				stock[at] = map[string]int64{}
			}
			stock[at][sku] = available
			return nil
		})
	}
	if err != nil {
		return nil, fmt.Errorf("read the stock of %d SKUs: %w", len(skus), translate(err))
	}
	for i := range locations {
		locations[i].Levels = stock[locations[i].ID]
	}
	return locations, nil
}
