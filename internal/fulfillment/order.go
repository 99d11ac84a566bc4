package fulfillment

import "time"

// Order is what an order system hands over: the input of the Order workflow, and what `order create` reads.
// [Order.Complete] fills in the defaults and says what may not stand in it.
type Order struct {
	ID ID `json:"id,omitempty"` // default: the number in the workflow ID
	// Name is shown to people, such as "#1001"; default: the next number.
	Name string `json:"name,omitempty"`
	// Numbered tells that the name is a number that was taken for an order without one: sent again, it may be another.
	Numbered         bool          `json:"numbered,omitempty"`
	SourceIdentifier string        `json:"sourceIdentifier,omitempty"` // its name in the other system; unique
	ProcessedAt      *time.Time    `json:"processedAt,omitempty"`      // when it was placed; default now
	Email            string        `json:"email,omitempty"`
	Phone            string        `json:"phone,omitempty"`
	Note             string        `json:"note,omitempty"`
	Tags             []string      `json:"tags,omitempty"`
	CurrencyCode     string        `json:"currencyCode,omitempty"` // ISO 4217; of the lines' prices
	Test             bool          `json:"test,omitempty"`         // not a real order; treated like any other
	CustomAttributes []Attribute   `json:"customAttributes,omitempty"`
	Transactions     []Transaction `json:"transactions,omitempty"` // payments so far; see Order.FinancialStatus
	ShippingAddress  *Address      `json:"shippingAddress,omitempty"`
	// ShippingOption is how it is to be shipped; default: as the service that ships it is configured.
	ShippingOption *ShippingOption `json:"shippingOption,omitempty"`
	// DeliveryMethod is for lines that need shipping and say none: those that need none get NONE; default SHIPPING.
	DeliveryMethod DeliveryMethodType `json:"deliveryMethod,omitempty"`
	// FulfillAt is for lines that say none; in the future: SCHEDULED.
	FulfillAt       *time.Time        `json:"fulfillAt,omitempty"`
	FulfillBy       *time.Time        `json:"fulfillBy,omitempty"`       // for lines that say none
	DeliveryTimeout Duration          `json:"deliveryTimeout,omitempty"` // see FulfillmentOrder.DeliveryTimeout
	LineItems       []LineItem        `json:"lineItems"`                 // 1 to MaxLines
	Metadata        map[string]string `json:"metadata,omitempty"`        // the caller's own; kept, never read
	// FirstID is the first of the sender's block of new IDs; default: minted by the workflow.
	FirstID   ID     `json:"firstId,omitempty"`
	CommandID string `json:"commandId,omitempty"`
	Actor     Actor  `json:"actor,omitzero"`
}

// LineItem is a line of an order.
type LineItem struct {
	ID               ID          `json:"id,omitempty"` // default: minted, see Order.AssignIDs
	Title            string      `json:"title"`
	VariantTitle     string      `json:"variantTitle,omitempty"`     // name of the variant, such as "Blue / L"
	Vendor           string      `json:"vendor,omitempty"`           // who makes or sells it
	SKU              string      `json:"sku,omitempty"`              // empty: any location can ship it
	Quantity         int         `json:"quantity"`                   // units, 1 to MaxLineQuantity
	RequiresShipping *bool       `json:"requiresShipping,omitempty"` // default true; false for NONE
	UnitPrice        string      `json:"unitPrice,omitempty"`        // exact decimal text, such as "12.50"
	Taxable          *bool       `json:"taxable,omitempty"`          // default true
	TaxLines         []TaxLine   `json:"taxLines,omitempty"`         // taxes on top of the price
	CustomAttributes []Attribute `json:"customAttributes,omitempty"`
	// Weight is that of one unit, in KILOGRAMS, GRAMS, POUNDS or OUNCES, up to 100,000 kg.
	Weight *Weight `json:"weight,omitempty"`
	// HarmonizedSystemCode is 6 to 13 digits of the Harmonized System, for customs; points and blanks in it don't
	// count.
	HarmonizedSystemCode string `json:"harmonizedSystemCode,omitempty"`
	CountryCodeOfOrigin  string `json:"countryCodeOfOrigin,omitempty"` // where it was made, ISO 3166-1 alpha-2
	// DeliveryMethod is how this line reaches the customer; lines that go different ways become different
	// fulfillment orders; default: the order's, or NONE if it needs no shipping.
	DeliveryMethod DeliveryMethodType `json:"deliveryMethod,omitempty"`
	LocationID     ID                 `json:"locationId,omitempty"` // ship from here, whatever routing would say
	FulfillAt      *time.Time         `json:"fulfillAt,omitempty"`  // pre-order: not before this time
	FulfillBy      *time.Time         `json:"fulfillBy,omitempty"`
	Metadata       map[string]string  `json:"metadata,omitempty"`
}

// Address is a customer's address. Personal data: kept in the store and in the order's own workflow input only.
type Address struct {
	FirstName    string `json:"firstName,omitempty"`
	LastName     string `json:"lastName,omitempty"`
	Company      string `json:"company,omitempty"`
	Address1     string `json:"address1,omitempty"`
	Address2     string `json:"address2,omitempty"`
	City         string `json:"city,omitempty"`
	ProvinceCode string `json:"provinceCode,omitempty"`
	CountryCode  string `json:"countryCode,omitempty"` // ISO 3166-1 alpha-2
	Zip          string `json:"zip,omitempty"`
	Phone        string `json:"phone,omitempty"`
	Email        string `json:"email,omitempty"`
}

// Ships tells whether the line needs shipping.
func (l LineItem) Ships() bool { return l.RequiresShipping == nil || *l.RequiresShipping }

// AssignIDs gives an ID to every line that has none, in the order of the lines: the smallest one of ids that no line
// of the order has. It comes before routing, which names lines by ID, and is to be followed by
// [NewFulfillmentOrders] with the same ids.
func (o *Order) AssignIDs(ids *IDs) {
	taken := make(map[ID]bool, len(o.LineItems))
	for _, l := range o.LineItems {
		taken[l.ID] = true
	}
	for i := range o.LineItems {
		if o.LineItems[i].ID != 0 {
			continue
		}
		id := ids.Next()
		for taken[id] {
			id = ids.Next()
		}
		o.LineItems[i].ID = id
	}
}

// Location is a place that ships, as the store has it.
type Location struct {
	ID           ID     `json:"id"`
	Name         string `json:"name"`
	CountryCode  string `json:"countryCode,omitempty"`
	ProvinceCode string `json:"provinceCode,omitempty"`
	City         string `json:"city,omitempty"`
	Address1     string `json:"address1,omitempty"`
	Address2     string `json:"address2,omitempty"`
	Zip          string `json:"zip,omitempty"`
	Phone        string `json:"phone,omitempty"`

	Active    bool     `json:"active"`
	Priority  int      `json:"priority"`       // lower comes first; ties by ID
	Default   bool     `json:"default"`        // gets what no location stocks; at most one
	StocksAll bool     `json:"stocksAll"`      // stocks every SKU
	SKUs      []string `json:"skus,omitempty"` // stocked here, when StocksAll is false
	// Levels are how many units of SKUs its service said that it has, of those that were asked for; what is not there
	// the service did not name. Only routing has them.
	Levels map[string]int64 `json:"-"`

	FulfillsOnlineOrders *bool      `json:"fulfillsOnlineOrders,omitempty"` // default true; false: no orders come here
	CreatedAt            time.Time  `json:"createdAt,omitzero"`
	UpdatedAt            time.Time  `json:"updatedAt,omitzero"`      // when it last changed
	DeactivatedAt        *time.Time `json:"deactivatedAt,omitempty"` // since when it is not active
	DeletedAt            *time.Time `json:"deletedAt,omitempty"`     // nothing ships from here any more

	ServiceID ID       `json:"serviceId,omitempty"`
	Service   *Service `json:"service,omitempty"`
}

// Service is a fulfillment service: who runs a location that is not the merchant's own.
type Service struct {
	ID           ID             `json:"id"`
	Name         string         `json:"name"`
	Handle       string         `json:"handle"`            // made of the first name; never changes
	Provider     string         `json:"provider"`          // ID of the provider plug-in; "manual" when people answer
	Options      map[string]any `json:"options,omitempty"` // for the provider
	LocationID   ID             `json:"locationId"`
	AcceptWithin Duration       `json:"acceptWithin,omitempty"`
	AcceptPolicy AcceptPolicy   `json:"acceptPolicy,omitempty"`

	AppID                  ID     `json:"appId,omitempty"`                  // the app that owns it; 0: an operator
	CallbackURL            string `json:"callbackUrl,omitempty"`            // where it is told of requests
	TrackingSupport        bool   `json:"trackingSupport,omitempty"`        // it can be asked for tracking numbers
	InventoryManagement    bool   `json:"inventoryManagement,omitempty"`    // it can be asked for its stock
	RequiresShippingMethod *bool  `json:"requiresShippingMethod,omitempty"` // default true
}

// Address is where the location is, with its name as the company; nil: nobody said it.
func (l Location) Address() *Address {
	if l.Address1+l.Address2+l.City+l.Zip+l.CountryCode == "" {
		return nil
	}
	return &Address{
		Company: l.Name, Address1: l.Address1, Address2: l.Address2, City: l.City, ProvinceCode: l.ProvinceCode,
		CountryCode: l.CountryCode, Zip: l.Zip, Phone: l.Phone,
	}
}

// Assign is the location as a fulfillment order keeps it; why says in words how it was chosen.
func (l Location) Assign(why string) AssignedLocation {
	a := AssignedLocation{
		LocationID: l.ID, Name: l.Name, CountryCode: l.CountryCode, ServiceID: l.ServiceID, Why: why,
		ProvinceCode: l.ProvinceCode, City: l.City, Address1: l.Address1, Address2: l.Address2, Zip: l.Zip,
		Phone: l.Phone,
	}
	if s := l.Service; s != nil {
		a.ServiceID, a.ServiceName, a.Provider = s.ID, s.Name, s.Provider
		a.AcceptWithin, a.AcceptPolicy = s.AcceptWithin, s.AcceptPolicy
	}
	return a
}

// Assignment is one fulfillment order to be made from an order: which units of which lines ship from where, and why.
type Assignment struct {
	Location       AssignedLocation   `json:"location"`
	DeliveryMethod DeliveryMethodType `json:"deliveryMethod"`
	FulfillAt      *time.Time         `json:"fulfillAt,omitempty"`
	FulfillBy      *time.Time         `json:"fulfillBy,omitempty"` // the earliest of its lines
	Lines          []Quantity         `json:"lines"`               // by order line ID
}
