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

// idOrZero is the ID that a text is; zero, which nothing has, if it is none.
func idOrZero(text string) fulfillment.ID {
	id, err := fulfillment.ParseID(text)
	if err != nil {
		return 0
	}
	return id
}
