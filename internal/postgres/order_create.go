package postgres

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/fulfillment"
)

const insertOrder = `
INSERT INTO orders (id, name, source_identifier, fingerprint, processed_at, email, phone, note, tags, currency_code,
	test, custom_attributes, transactions, shipping_address, delivery_method, fulfill_at, fulfill_by, delivery_timeout,
	metadata, content, current_total, current_units, financial_status, shipping_option, created_at, updated_at)
SELECT id, name, source_identifier, fingerprint, processed_at, email, phone, note, coalesce(tags, '{}'), currency_code,
	test, custom_attributes, transactions, shipping_address, delivery_method, fulfill_at, fulfill_by, delivery_timeout,
	metadata, content, current_total, current_units, financial_status, shipping_option, statement_timestamp(),
	statement_timestamp()
FROM jsonb_to_record($1::jsonb) AS t (id bigint, name text, source_identifier text, fingerprint text,
	processed_at timestamptz, email text, phone text, note text, tags text[], currency_code text, test boolean,
	custom_attributes jsonb, transactions jsonb, shipping_address jsonb, delivery_method text, fulfill_at timestamptz,
	fulfill_by timestamptz, delivery_timeout interval, metadata jsonb, content jsonb, current_total numeric,
	current_units numeric, financial_status text, shipping_option jsonb)`

type orderRow struct {
	ID               fulfillment.ID                 `json:"id"`
	Name             string                         `json:"name"`
	SourceIdentifier string                         `json:"source_identifier,omitempty"`
	Fingerprint      string                         `json:"fingerprint"`
	ProcessedAt      *time.Time                     `json:"processed_at"`
	Email            string                         `json:"email"`
	Phone            string                         `json:"phone"`
	Note             string                         `json:"note"`
	Tags             []string                       `json:"tags"`
	CurrencyCode     string                         `json:"currency_code"`
	Test             bool                           `json:"test"`
	CustomAttributes []fulfillment.Attribute        `json:"custom_attributes,omitempty"`
	Transactions     []fulfillment.Transaction      `json:"transactions,omitempty"`
	ShippingAddress  *fulfillment.Address           `json:"shipping_address,omitempty"`
	DeliveryMethod   fulfillment.DeliveryMethodType `json:"delivery_method"`
	FulfillAt        *time.Time                     `json:"fulfill_at"`
	FulfillBy        *time.Time                     `json:"fulfill_by"`
	DeliveryTimeout  string                         `json:"delivery_timeout"`
	Metadata         map[string]string              `json:"metadata,omitempty"`
	Content          fulfillment.OrderContent       `json:"content"`
	CurrentTotal     string                         `json:"current_total"` // what it costs, see [Store.EditOrder]
	CurrentUnits     int64                          `json:"current_units"`
	FinancialStatus  fulfillment.FinancialStatus    `json:"financial_status"`
	ShippingOption   *fulfillment.ShippingOption    `json:"shipping_option,omitempty"`
}

// New lines come after those that are there.
const insertLineItems = `
INSERT INTO line_items (order_id, id, position, title, variant_title, vendor, sku, quantity, current_quantity,
	requires_shipping, unit_price, taxable, tax_lines, custom_attributes, delivery_method, location_id, fulfill_at,
	fulfill_by, metadata, weight, harmonized_system_code, country_code_of_origin)
SELECT $1, id, position + (SELECT coalesce(max(position), 0) FROM line_items WHERE order_id = $1), title, variant_title,
	vendor, sku, quantity, quantity, requires_shipping, unit_price, taxable, tax_lines, custom_attributes,
	delivery_method, location_id, fulfill_at, fulfill_by, metadata, weight, harmonized_system_code,
	country_code_of_origin
FROM jsonb_to_recordset($2::jsonb) AS t (id bigint, position integer, title text, variant_title text, vendor text,
	sku text, quantity integer, requires_shipping boolean, unit_price numeric, taxable boolean, tax_lines jsonb,
	custom_attributes jsonb, delivery_method text, location_id bigint, fulfill_at timestamptz, fulfill_by timestamptz,
	metadata jsonb, weight jsonb, harmonized_system_code text, country_code_of_origin text)`

type lineItemRow struct {
	ID               fulfillment.ID                 `json:"id"`
	Position         int                            `json:"position"`
	Title            string                         `json:"title"`
	VariantTitle     string                         `json:"variant_title"`
	Vendor           string                         `json:"vendor"`
	SKU              string                         `json:"sku"`
	Quantity         int                            `json:"quantity"`
	RequiresShipping bool                           `json:"requires_shipping"`
	UnitPrice        string                         `json:"unit_price,omitempty"`
	Taxable          *bool                          `json:"taxable"`
	TaxLines         []fulfillment.TaxLine          `json:"tax_lines,omitempty"`
	CustomAttributes []fulfillment.Attribute        `json:"custom_attributes,omitempty"`
	DeliveryMethod   fulfillment.DeliveryMethodType `json:"delivery_method"`
	LocationID       fulfillment.ID                 `json:"location_id"`
	FulfillAt        *time.Time                     `json:"fulfill_at"`
	FulfillBy        *time.Time                     `json:"fulfill_by"`
	Metadata         map[string]string              `json:"metadata,omitempty"`
	Weight           *fulfillment.Weight            `json:"weight,omitempty"`
	HSCode           string                         `json:"harmonized_system_code"`
	CountryOfOrigin  string                         `json:"country_code_of_origin"`
}

// CreateOrder writes a completed order with the fulfillment orders that were made of it, each with its first
// transition. It succeeds without writing when the very same order with the very same fulfillment orders is there
// already: then earlier is true, and the stored times may be others. Any other order with this ID or source identifier
// is an [*fulfillment.OrderExistsError]: whether it is the same order, sent again, [Store.Recognise] tells.
func (s *Store) CreateOrder(
	ctx context.Context, order *fulfillment.Order, fulfillmentOrders []*fulfillment.FulfillmentOrder,
	transitions []fulfillment.Transition,
) (earlier bool, err error) {
	if len(transitions) == 0 {
		return false, fmt.Errorf("create order %d: %w: it has no fulfillment orders", order.ID, fulfillment.ErrInvalid)
	}
	named := *order
	named.Numbered = false // The name is kept, whoever chose it.
	content := named.Content()
	at := transitions[0].At
	units, total := int64(0), order.Totals(nil).CurrentTotal
	status := order.FinancialStatus(total)
	for _, l := range order.LineItems {
		units += int64(l.Quantity)
	}
	row, err := encode(orderRow{
		ID: order.ID, Name: order.Name, SourceIdentifier: order.SourceIdentifier, Fingerprint: content.Fingerprint,
		ProcessedAt: order.ProcessedAt, Email: order.Email, Phone: order.Phone, Note: order.Note, Tags: order.Tags,
		CurrencyCode: order.CurrencyCode, Test: order.Test, CustomAttributes: order.CustomAttributes,
		Transactions: order.Transactions, ShippingAddress: order.ShippingAddress, DeliveryMethod: order.DeliveryMethod,
		FulfillAt: order.FulfillAt, FulfillBy: order.FulfillBy,
		DeliveryTimeout: interval(time.Duration(order.DeliveryTimeout)),
		Metadata:        order.Metadata, Content: content, CurrentTotal: total, CurrentUnits: units,
		FinancialStatus: status, ShippingOption: order.ShippingOption,
	})
	if err != nil {
		return false, err
	}
	lines, err := lineItemsStatement(order.ID, order.LineItems)
	if err != nil {
		return false, err
	}
	w := writing{
		orderID: order.ID, states: fulfillmentOrders, transitions: transitions,
		order: &statement{sql: insertOrder, args: []any{row}}, more: []statement{lines},
		change: &fulfillment.OrderChange{
			Kind: fulfillment.OrderKindCreated, CommandID: order.CommandID, Fingerprint: content.Fingerprint,
			Actor: order.Actor, At: at, Paid: status == fulfillment.FinancialPaid,
		},
	}
	err = s.write(ctx, w)
	if conflicts(err) {
		err = s.explainCreate(ctx, order, w, err)
		earlier = err == nil
	}
	if err != nil {
		return false, fmt.Errorf("create order %d: %w", order.ID, translate(err))
	}
	return earlier, nil
}

func (s *Store) explainCreate(ctx context.Context, order *fulfillment.Order, w writing, conflict error) error {
	var id fulfillment.ID
	var fingerprint string
	err := s.pool.QueryRow(ctx, `SELECT id, fingerprint FROM orders WHERE id = $1 OR source_identifier = nullif($2, '')
		ORDER BY id <> $1 LIMIT 1`, order.ID, clean(order.SourceIdentifier)).Scan(&id, &fingerprint)
	switch {
	case errors.Is(err, pgx.ErrNoRows): // The order is new: the ID is that of a line or of a fulfillment order.
		return fmt.Errorf("%w: %w", fulfillment.ErrIDTaken, conflict)
	case err != nil:
		return err
	}
	exists := &fulfillment.OrderExistsError{OrderID: id, BySource: id != order.ID}
	if exists.BySource || fingerprint != w.change.Fingerprint {
		return exists
	}
	stored, err := s.stored(ctx, w.transitions)
	if err == nil && !stored.has(w.transitions) {
		return exists
	}
	return err
}

func fingerprint(v any) (string, error) {
	body, err := fulfillment.NumberedJSON(v)
	sum := sha256.Sum256(withoutNUL(body))
	return hex.EncodeToString(sum[:12]), err
}

func lineItemsStatement(orderID fulfillment.ID, items []fulfillment.LineItem) (statement, error) {
	rows := make([]lineItemRow, len(items))
	for i, l := range items {
		rows[i] = lineItemRow{
			ID: l.ID, Position: i + 1, Title: l.Title, VariantTitle: l.VariantTitle, Vendor: l.Vendor, SKU: l.SKU,
			Quantity: l.Quantity, RequiresShipping: l.Ships(), UnitPrice: l.UnitPrice, Taxable: l.Taxable,
			TaxLines:         l.TaxLines,
			CustomAttributes: l.CustomAttributes, DeliveryMethod: l.DeliveryMethod, LocationID: l.LocationID,
			FulfillAt: l.FulfillAt, FulfillBy: l.FulfillBy, Metadata: l.Metadata, Weight: l.Weight,
			HSCode: l.HarmonizedSystemCode, CountryOfOrigin: l.CountryCodeOfOrigin,
		}
	}
	body, err := encode(rows)
	return statement{sql: insertLineItems, args: []any{orderID, body}}, err
}
