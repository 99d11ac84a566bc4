package postgres

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/fulfillment"
)

// The priorities of locations that were not given one: after those that an operator placed.
const (
	AddedLocationPriority = 50  // of one that was added through Shopify's API
	servicePriority       = 100 // of one that was made with its service
)

// maxText bounds names and the parts of addresses, in characters.
const maxText = 255

const insertLocation = `
INSERT INTO locations (id, name, country_code, province_code, city, address1, address2, zip, phone, active, priority,
	is_default, stocks_all, skus, fulfills_online_orders, service_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, coalesce($14, '{}'::text[]), coalesce($15, true), $16)
RETURNING fulfills_online_orders, created_at`

// insertLocation adds the location, which belongs to service (nil: the merchant), and fills in what the store decides.
func (s *Store) insertLocation(ctx context.Context, tx pgx.Tx, l *fulfillment.Location, service *fulfillment.ID) error {
	return tx.QueryRow(ctx, insertLocation, l.ID, l.Name, l.CountryCode, l.ProvinceCode, l.City, l.Address1, l.Address2, l.Zip, l.Phone,
		l.Active, l.Priority, l.Default, l.StocksAll, l.SKUs, l.FulfillsOnlineOrders, service).Scan(&l.FulfillsOnlineOrders, &l.CreatedAt)
}

// AddLocation adds a location of the merchant's own, and returns it as it is stored; its ID is minted when it is zero.
// Adding the same location again, with its ID, changes nothing. Its name is unlike that of any other location, in any
// case. What is refused comes as [fulfillment.Refusals], with the codes of Shopify's LocationAddUserErrorCode and paths
// into the arguments of locationAdd.
func (s *Store) AddLocation(ctx context.Context, l fulfillment.Location) (fulfillment.Location, error) {
	refusals := checkLocation(l)
	if l.ID == 0 {
		l.ID = s.minter.Mint()
	}
	for _, text := range []*string{&l.Name, &l.CountryCode, &l.ProvinceCode, &l.City, &l.Address1, &l.Address2, &l.Zip, &l.Phone} {
		*text = clean(*text)
	}
	l.SKUs = slices.Clone(l.SKUs)
	for i := range l.SKUs {
		l.SKUs[i] = clean(l.SKUs[i])
	}
	if len(refusals) > 0 {
		return fulfillment.Location{}, refusals
	}
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		// Two that are added at once see each other's name. Only other additions wait.
		if _, err := tx.Exec(ctx, `LOCK TABLE locations IN SHARE ROW EXCLUSIVE MODE`); err != nil {
			return err
		}
		var taken bool
		err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM locations WHERE lower(name) = lower($1) AND id <> $2 AND deleted_at IS NULL)`,
			l.Name, l.ID).Scan(&taken)
		if err == nil && taken {
			err = locationRefusal(fulfillment.CodeTaken, "You already have a location with this name", "name")
		}
		if err != nil {
			return err
		}
		return s.insertLocation(ctx, tx, &l, nil)
	})
	if violates(err) {
		l, err = s.settleLocation(ctx, l, err)
	}
	switch refused := fulfillment.AsRefusals(err); {
	case err == nil:
		return l, nil
	case refused != nil:
		return fulfillment.Location{}, refused
	}
	return fulfillment.Location{}, fmt.Errorf("add location %d: %w", l.ID, translate(err))
}

// settleLocation tells whether a location that could not be added is there already.
func (s *Store) settleLocation(ctx context.Context, l fulfillment.Location, conflict error) (fulfillment.Location, error) {
	stored, err := s.Location(ctx, l.ID)
	switch {
	case err == nil && sameLocation(stored, l):
		return stored, nil
	case err == nil:
		return l, refused("id", "There is another location with the ID %d.", l.ID)
	case errors.Is(err, ErrNotFound) && violates(conflict, "locations_default_key"):
		return l, refused("default", "There is a default location already.")
	case errors.Is(err, ErrNotFound):
		return l, conflict
	}
	return l, err
}

// sameLocation compares what an addition says. A service may have come since, and the location may be deleted.
func sameLocation(stored, added fulfillment.Location) bool {
	said := func(l fulfillment.Location) fulfillment.Location {
		online := l.TakesOnlineOrders()
		l.FulfillsOnlineOrders = &online
		l.ServiceID, l.Service, l.CreatedAt, l.DeletedAt = 0, nil, time.Time{}, nil
		return l
	}
	return stored.DeletedAt == nil && reflect.DeepEqual(said(stored), said(added))
}

func checkLocation(l fulfillment.Location) fulfillment.Refusals {
	var refusals fulfillment.Refusals
	for _, problem := range nameProblems(l.Name) {
		refusals = append(refusals, locationRefusal(problem.Code, problem.Message, "name"))
	}
	for _, text := range []struct {
		label, value string
		path         []string
	}{
		{"Name", l.Name, []string{"name"}},
		{"Address1", l.Address1, []string{"address", "address1"}},
		{"Address2", l.Address2, []string{"address", "address2"}},
		{"City", l.City, []string{"address", "city"}},
		{"Province code", l.ProvinceCode, []string{"address", "provinceCode"}},
		{"Country code", l.CountryCode, []string{"address", "countryCode"}},
		{"Zip", l.Zip, []string{"address", "zip"}},
		{"Phone", l.Phone, []string{"address", "phone"}},
	} {
		if utf8.RuneCountInString(text.value) > maxText {
			refusals = append(refusals, locationRefusal(fulfillment.CodeTooLong, tooLong(text.label), text.path...))
		}
	}
	switch {
	case l.ServiceID != 0 || l.Service != nil:
		refusals = append(refusals, refused("serviceId", "A location gets its service when the service is added."))
	case l.Default && !l.TakesOnlineOrders():
		refusals = append(refusals, refused("default", "The default location has to fulfill online orders."))
	}
	return refusals
}

func tooLong(label string) string {
	return fmt.Sprintf("%s is too long (maximum is %d characters)", label, maxText)
}

func locationRefusal(code fulfillment.Code, message string, path ...string) *fulfillment.Error {
	return &fulfillment.Error{Code: code, Field: append([]string{"input"}, path...), Message: message}
}
