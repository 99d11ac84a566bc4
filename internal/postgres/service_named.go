package postgres

import (
	"context"
	"fmt"

	"packhorse/internal/fulfillment"
)

// ServiceNamed finds a service that was not deleted by its ID or its handle; nil: there is none. Whose ID it is comes
// before whose handle.
func (s *Store) ServiceNamed(ctx context.Context, name string) (*fulfillment.Service, error) {
	services, err := s.services(ctx, ` WHERE s.deleted_at IS NULL AND (s.id = $1 OR s.handle = $2)
ORDER BY (s.id = $1) DESC LIMIT 1`, idOrZero(name), clean(name))
	if err != nil {
		return nil, fmt.Errorf("find a service by its name: %w", translate(err))
	}
	if len(services) == 0 {
		return nil, nil
	}
	return &services[0], nil
}

// ServiceDeleted tells whether a service of the provider with this ID or handle was deleted.
func (s *Store) ServiceDeleted(ctx context.Context, provider, name string) (deleted bool, err error) {
	err = s.pool.QueryRow(ctx, `
SELECT EXISTS (SELECT FROM services WHERE deleted_at IS NOT NULL AND provider = $1 AND (id = $2 OR handle = $3))`,
		clean(provider), idOrZero(name), clean(name)).Scan(&deleted)
	if err != nil {
		return false, fmt.Errorf("find a service that was deleted: %w", translate(err))
	}
	return deleted, nil
}

// idOrZero is the ID that a text is; zero, which nothing has, if it is none.
func idOrZero(text string) fulfillment.ID {
	id, err := fulfillment.ParseID(text)
	if err != nil {
		return 0
	}
	return id
}
