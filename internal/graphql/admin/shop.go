package admin

import (
	"cmp"
	"context"
)

// ShopSettings is what there is to say about the merchant's shop.
type ShopSettings struct {
	Name         string // default "Packhorse"
	CurrencyCode string // ISO 4217, of amounts that name none; default "USD"
	TimeZone     string // IANA name; default "UTC"
	Domain       string // by which systems know the shop; default "packhorse.example"
	Email        string // where its owner is reached; default: empty
}

// Shop is the merchant's shop.
type Shop struct{ settings ShopSettings }

// Shop is the merchant's shop.
func (l *Loaders) Shop() *Shop { return &Shop{l.shop} }

// IsNode says that [Loaders.Node] finds it.
func (*Shop) IsNode() {}

// ID is the shop's global ID: there is one shop.
func (*Shop) ID() GID { return GID{TypeShop, 1} }

// Name is the shop's name.
func (s *Shop) Name() string { return cmp.Or(s.settings.Name, "Packhorse") }

// CurrencyCode is the currency of amounts that name none.
func (s *Shop) CurrencyCode() string { return cmp.Or(s.settings.CurrencyCode, "USD") }

// IanaTimezone is the shop's time zone.
func (s *Shop) IanaTimezone() string { return cmp.Or(s.settings.TimeZone, "UTC") }

// MyshopifyDomain is the name by which systems know the shop.
func (s *Shop) MyshopifyDomain() string { return cmp.Or(s.settings.Domain, "packhorse.example") }

// URL is where buyers would find it.
func (s *Shop) URL() string { return "https://" + s.MyshopifyDomain() }

// Email is where its owner is reached; empty if nobody said.
func (s *Shop) Email() string { return s.settings.Email }

// ContactEmail is where its owner is reached.
func (s *Shop) ContactEmail() string { return s.Email() }

// Plan is the same for all shops.
func (*Shop) Plan() *ShopPlan {
	return &ShopPlan{DisplayName: "Packhorse", PublicDisplayName: "Packhorse"}
}

// FulfillmentServices is the built-in service, then all others by name, as far as the caller may see them.
func (*Shop) FulfillmentServices(ctx context.Context) ([]*FulfillmentService, error) {
	services, err := read(ctx).services.load(ctx)
	if err != nil {
		return nil, err
	}
	list := make([]*FulfillmentService, len(services))
	for i := range services {
		list[i] = &FulfillmentService{&services[i]}
	}
	return list, nil
}
