package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/jackc/pgx/v5"
	"golang.org/x/text/unicode/norm"

	"packhorse/internal/fulfillment"
)

// reservedNames are the services that Shopify has built in.
var reservedNames = []string{"manual", "gift_card", "shopify", "amazon"}

// servicePriority is that of a location which is made with its service: after the merchant's own.
const servicePriority = 100

const insertService = `
INSERT INTO services (id, name, handle, provider, options, accept_within, accept_policy) VALUES ($1, $2, $3, $4, $5, $6, $7)`

// adoptLocation gives a location that nobody runs to the service.
const adoptLocation = `UPDATE locations SET service_id = $2 WHERE id = $1 AND service_id IS NULL`

// Services lists all fulfillment services by name.
func (s *Store) Services(ctx context.Context) ([]fulfillment.Service, error) {
	locations, err := s.locations(ctx, " WHERE s.id IS NOT NULL ORDER BY lower(s.name)")
	if err != nil {
		return nil, fmt.Errorf("list services: %w", translate(err))
	}
	services := make([]fulfillment.Service, len(locations))
	for i := range locations {
		services[i] = *locations[i].Service
	}
	return services, nil
}

// AddService adds a fulfillment service, and returns it as it is stored. Its ID is minted when it is zero; its handle
// follows from its name; its provider is the manual one when it has none. It runs the location LocationID if that is
// there, else a new location is made for it, under its name, which stocks everything and comes after the merchant's
// own. Adding the same service again, with its ID, changes nothing. A refusal is a *[fulfillment.Error] with the texts
// of Shopify's API.
func (s *Store) AddService(ctx context.Context, service fulfillment.Service) (fulfillment.Service, error) {
	if err := checkService(service); err != nil {
		return fulfillment.Service{}, err
	}
	if service.ID == 0 {
		service.ID = s.minter.Mint()
	}
	if service.LocationID == 0 {
		service.LocationID = s.minter.Mint()
	}
	service.Name = clean(service.Name)
	if service.Handle = handle(service.Name); service.Handle == "" {
		service.Handle = "service-" + service.ID.String()
	}
	if slices.Contains(reservedNames, service.Handle) {
		return fulfillment.Service{}, refused("name", "Name is reserved")
	}
	if service.Provider == "" {
		service.Provider = fulfillment.ManualProvider
	}
	var options []byte
	if service.Options != nil {
		var err error
		if options, err = encode(service.Options); err != nil {
			return fulfillment.Service{}, err
		}
	}
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, insertService, service.ID, service.Name, service.Handle, clean(service.Provider), options,
			time.Duration(service.AcceptWithin), service.AcceptPolicy)
		if err != nil {
			return err
		}
		adopted, err := tx.Exec(ctx, adoptLocation, service.LocationID, service.ID)
		if err != nil || adopted.RowsAffected() == 1 {
			return err
		}
		_, err = tx.Exec(ctx, insertLocation, service.LocationID, service.Name, "", "", true, servicePriority, false, true, nil, service.ID)
		return err
	})
	if violates(err) {
		return s.settleService(ctx, service, err)
	}
	if err != nil {
		return fulfillment.Service{}, fmt.Errorf("add service %q: %w", service.Name, translate(err))
	}
	return service, nil
}

func (s *Store) settleService(ctx context.Context, service fulfillment.Service, conflict error) (fulfillment.Service, error) {
	locations, err := s.locations(ctx, " WHERE s.id = $1", service.ID)
	switch {
	case err != nil:
		return fulfillment.Service{}, fmt.Errorf("add service %q: %w", service.Name, translate(err))
	case len(locations) == 1 && locations[0].Service.Name == service.Name:
		return *locations[0].Service, nil
	case violates(conflict, "locations_pkey"):
		return fulfillment.Service{}, refused("locationId", "The location %d belongs to another service.", service.LocationID)
	case violates(conflict, "services_pkey"):
		return fulfillment.Service{}, refused("id", "There is another service with the ID %d.", service.ID)
	}
	return fulfillment.Service{}, refused("name", "Name has already been taken")
}

func checkService(service fulfillment.Service) error {
	if err := checkName(service.Name); err != nil {
		return err
	}
	if slices.Contains(reservedNames, strings.ToLower(service.Name)) {
		return refused("name", "Name is reserved")
	}
	if service.AcceptWithin < 0 {
		return refused("acceptWithin", "The time to accept can't be negative.")
	}
	if service.AcceptPolicy != "" && !slices.Contains(fulfillment.AcceptPolicies, service.AcceptPolicy) {
		return refused("acceptPolicy", "There is no accept policy %q.", service.AcceptPolicy)
	}
	return nil
}

func checkName(name string) error {
	runes := []rune(name)
	switch {
	case strings.TrimSpace(name) == "":
		return refused("name", "Name can't be blank")
	case unicode.IsSpace(runes[0]):
		return refused("name", "Name cannot begin with a whitespace character")
	case unicode.IsSpace(runes[len(runes)-1]):
		return refused("name", "Name cannot end with a whitespace character")
	}
	return nil
}

// letters are those that Unicode does not decompose into a base letter and a mark.
var letters = strings.NewReplacer("ß", "ss", "æ", "ae", "œ", "oe", "ø", "o", "đ", "d", "ð", "d", "þ", "th", "ł", "l", "ı", "i")

// handle is the name in lower case with diacritics transliterated, underscores kept, and anything else as one hyphen,
// none at the ends.
func handle(name string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(letters.Replace(strings.ToLower(name))) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '_':
			b.WriteRune(r)
		default:
			if !strings.HasSuffix(b.String(), "-") {
				b.WriteByte('-')
			}
		}
	}
	return strings.Trim(b.String(), "-")
}

// nullableService is a service behind a left join.
type nullableService struct {
	id                     *fulfillment.ID
	name, handle, provider *string
	options                map[string]any
	acceptWithin           *time.Duration
	acceptPolicy           *fulfillment.AcceptPolicy
}

func (n nullableService) at(locationID fulfillment.ID) *fulfillment.Service {
	return &fulfillment.Service{
		ID: *n.id, Name: *n.name, Handle: *n.handle, Provider: *n.provider, Options: n.options, LocationID: locationID,
		AcceptWithin: fulfillment.Duration(*n.acceptWithin), AcceptPolicy: *n.acceptPolicy,
	}
}
