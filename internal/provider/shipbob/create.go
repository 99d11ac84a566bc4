package shipbob

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
)

// DefaultSettle is how long ShipBob's list of orders may lag behind: what it can't find for so long is not there.
const DefaultSettle = time.Minute

const (
	lineTag   = "packhorse-line-"  // begins the name of the tag with the ID of a line; the line's place follows
	notifyTag = "packhorse-notify" // on an order whose customer is to hear of shipments
)

// newOrder is what an order is made of. Its line IDs have too many digits for external_line_id, which is the place of
// the line.
type newOrder struct {
	ReferenceID    string       `json:"reference_id"`
	OrderNumber    string       `json:"order_number,omitempty"`
	ShippingMethod string       `json:"shipping_method"`
	Type           string       `json:"type"`
	Recipient      recipient    `json:"recipient"`
	Products       []newProduct `json:"products"`
	LocationID     int          `json:"location_id,omitempty"`
	Tags           []newTag     `json:"tags"`
}

type recipient struct {
	Name    string  `json:"name"`
	Email   string  `json:"email,omitempty"`
	Phone   string  `json:"phone_number,omitempty"`
	Address address `json:"address"`
}

type address struct {
	Company  string `json:"company_name,omitempty"`
	Address1 string `json:"address1"`
	Address2 string `json:"address2,omitempty"`
	City     string `json:"city"`
	State    string `json:"state,omitempty"`
	Zip      string `json:"zip_code,omitempty"`
	Country  string `json:"country"`
}

type newProduct struct {
	ReferenceID    string `json:"reference_id"`
	SKU            string `json:"sku"`
	Name           string `json:"name"`
	Quantity       int    `json:"quantity"`
	ExternalLineID int    `json:"external_line_id"`
}

type newTag struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Create makes the order. ShipBob takes a reference once: an order that is there already is adopted.
func (p *Provider) Create(ctx context.Context, r provider.Request) (provider.Answer, error) {
	a, err := p.open(r.ServiceOptions)
	if err != nil {
		return provider.Answer{}, err
	}
	if answer, unfit := unfit(r); unfit {
		return answer, nil
	}
	channel, err := p.fit(ctx, a, false)
	if err != nil {
		return provider.Answer{}, err
	}
	var made order
	create := call{
		what: "create the order", method: http.MethodPost, path: "/order", channel: channel,
		body: orderOf(r, a.Settings), effect: true,
	}
	err = a.do(ctx, create, &made)
	if refused := refusedWith(err, notTaken...); refused != nil {
		return p.refusedOrder(ctx, a, r, refused)
	}
	switch {
	case err != nil:
		return provider.Answer{}, err
	case !made.ID.digits():
		return provider.Answer{}, create.unreadable("it has no ID")
	}
	return p.answer(ctx, made)
}

// answer is what the order says. One that is under review is marked: its answer comes as news.
func (p *Provider) answer(ctx context.Context, o order) (provider.Answer, error) {
	answer := o.answer()
	if answer.Outcome == fulfillment.OutcomePending {
		if err := p.marks.set(ctx, string(o.ReferenceID), pending); err != nil {
			return provider.Answer{}, after(err)
		}
	}
	return answer, nil
}

// unfit refuses what ShipBob is sure to refuse, in words about our own lines.
func unfit(r provider.Request) (provider.Answer, bool) {
	rejected := provider.Answer{Outcome: fulfillment.OutcomeRejected, Reason: "INVALID_SKU"}
	for _, line := range r.Lines {
		if strings.TrimSpace(line.SKU) == "" {
			rejected.Lines = append(rejected.Lines, fulfillment.RejectedLine{
				LineID: line.LineID, Message: "It has no SKU, by which ShipBob knows products.",
			})
		}
	}
	if len(rejected.Lines) > 0 {
		rejected.Message = "ShipBob knows products by their SKU, which some lines don't have."
		return rejected, true
	}
	rejected.Reason = "INCORRECT_ADDRESS"
	var missing []string
	if to := r.Destination; to == nil {
		missing = append(missing, "an address")
	} else {
		for _, part := range [][2]string{
			{"a first line of the address", to.Address1}, {"a city", to.City}, {"a country", to.CountryCode},
		} {
			if strings.TrimSpace(part[1]) == "" {
				missing = append(missing, part[0])
			}
		}
	}
	if len(missing) > 0 {
		rejected.Message = "ShipBob ships to addresses only. What is missing: " + strings.Join(missing, ", ") + "."
		return rejected, true
	}
	return provider.Answer{}, false
}

func orderOf(r provider.Request, s Settings) newOrder {
	to := r.Destination
	o := newOrder{
		ReferenceID: provider.PathKey(r.Key), OrderNumber: r.OrderName, ShippingMethod: s.ShippingMethod, Type: "DTC",
		LocationID: s.Location,
		Recipient: recipient{
			Name: cmp.Or(
				strings.TrimSpace(to.FirstName+" "+to.LastName), strings.TrimSpace(to.Company), r.OrderName,
				"Recipient",
			),
			Email: to.Email, Phone: to.Phone,
			Address: address{
				Company: to.Company, Address1: to.Address1, Address2: to.Address2, City: to.City,
				State: to.ProvinceCode, Zip: to.Zip, Country: to.CountryCode,
			},
		},
	}
	for i, line := range r.Lines {
		o.Products = append(o.Products, newProduct{
			ReferenceID: line.SKU, SKU: line.SKU, Name: cmp.Or(line.Title, line.SKU), Quantity: line.Quantity,
			ExternalLineID: i,
		})
		o.Tags = append(o.Tags, newTag{Name: lineTag + strconv.Itoa(i), Value: line.LineID.String()})
	}
	if r.NotifyCustomer {
		o.Tags = append(o.Tags, newTag{Name: notifyTag, Value: "true"})
	}
	return o
}

// answer is what the order says of the request now.
func (o order) answer() provider.Answer {
	answer := provider.Answer{Outcome: fulfillment.OutcomeAccepted, Reference: string(o.ID)}
	switch {
	case o.cancelled():
		answer.Outcome, answer.Reason = fulfillment.OutcomeRejected, fulfillment.RejectOther
		answer.Message = "ShipBob has cancelled its order " + string(o.ID) + "."
	case o.Status.key() == statusImportReview:
		answer.Outcome = fulfillment.OutcomePending
		answer.Message = "ShipBob reviews the order before it takes it."
	default:
		for _, s := range o.Shipments { // When the last of it has left, all has.
			if at := s.EstimatedFulfillmentDate; answer.EstimatedShippedAt == nil ||
				at.After(*answer.EstimatedShippedAt) {
				answer.EstimatedShippedAt = at.pointer()
			}
		}
	}
	return answer
}

// byReference is all orders with the reference of this key, the oldest first.
func (a *account) byReference(ctx context.Context, key string, background bool) ([]order, error) {
	reference := provider.PathKey(key)
	var orders list[order]
	err := a.do(ctx, call{
		what: "look for the order", method: http.MethodGet, path: "/order",
		query: url.Values{"ReferenceIds": {reference}}, background: background,
	}, &orders)
	if err != nil {
		return nil, err
	}
	return withReference(orders, reference), nil
}

// withReference leaves out what was not asked for.
func withReference(orders []order, reference string) []order {
	var mine []order
	for _, o := range orders {
		if string(o.ReferenceID) == reference && o.ID.digits() {
			mine = append(mine, o)
		}
	}
	return mine
}

// refusedOrder is the answer when ShipBob does not take an order: it has the reference already, or something is wrong
// with the order. What is there says which, and not the words.
func (p *Provider) refusedOrder(
	ctx context.Context, a *account, r provider.Request, refused *refusal,
) (provider.Answer, error) {
	orders, err := a.byReference(ctx, r.Key, false)
	switch {
	case err != nil:
		// Whether an order is there is not known, whatever became of this question.
		return provider.Answer{}, &provider.Error{
			Class: provider.UnknownOutcome, RetryAfter: provider.RetryAfter(err),
			Message: "ShipBob refused the order, which may be there already", Cause: err,
		}
	case len(orders) == 1:
		return p.answer(ctx, orders[0])
	case len(orders) > 1:
		return severalOrders(orders), nil
	case refused.mayExist():
		return provider.Answer{}, &provider.Error{
			Class: provider.UnknownOutcome, RetryAfter: a.settle,
			Message: "ShipBob seems to have the order already, and does not find it yet: " + refused.Error(),
		}
	}
	return refused.rejection(r), nil
}

func severalOrders(orders []order) provider.Answer {
	var ids []string
	for _, o := range orders {
		ids = append(ids, string(o.ID))
	}
	return provider.Answer{
		Outcome: fulfillment.OutcomeParked,
		Message: "ShipBob has several orders where there should be one: " + strings.Join(ids, ", ") +
			". Cancel all but one there, then answer for it.",
	}
}

// mayExist tells whether the words may be about an order that is there. It only makes us look again.
func (r *refusal) mayExist() bool {
	for _, s := range r.Said {
		// A product has a reference, too.
		if strings.Contains(strings.ToLower(s.Field), "product") {
			continue
		}
		words := strings.ToLower(s.Field + " " + s.Text)
		if strings.Contains(words, "duplicate") || strings.Contains(words, "exist") &&
			(strings.Contains(words, "reference") || strings.Contains(words, "already") ||
				strings.Contains(words, "existing")) {
			return true
		}
	}
	return false
}

// productField is a field about one product.
var productField = regexp.MustCompile(`(?i)^\$?\.?products?\[?\.?(\d+)\]?`)

// rejection is the refusal as an answer, with the reason by the first field that says one.
func (r *refusal) rejection(request provider.Request) provider.Answer {
	answer := provider.Answer{Outcome: fulfillment.OutcomeRejected, Message: "ShipBob refused the order: " + r.Error()}
	seen := make(map[fulfillment.ID]bool)
	for _, s := range r.Said {
		if answer.Reason == "" {
			answer.Reason = reasonFor(s.Field)
		}
		m := productField.FindStringSubmatch(s.Field)
		if m == nil {
			continue
		}
		if i, err := strconv.Atoi(m[1]); err == nil && i < len(request.Lines) && !seen[request.Lines[i].LineID] {
			seen[request.Lines[i].LineID] = true
			answer.Lines = append(answer.Lines, fulfillment.RejectedLine{
				LineID: request.Lines[i].LineID, Message: s.Text,
			})
		}
	}
	if answer.Reason == "" {
		answer.Reason = fulfillment.RejectOther
	}
	return answer
}

// reasonFor is the reason when this field is wrong; "": it says none.
func reasonFor(field string) fulfillment.RejectionReason {
	name := text(field).key()
	switch {
	case strings.Contains(name, "product") || strings.Contains(name, "sku"):
		return "INVALID_SKU"
	case strings.Contains(name, "email") || strings.Contains(name, "phone"):
		return "INVALID_CONTACT_INFORMATION"
	case strings.Contains(name, "address") || strings.Contains(name, "city") || strings.Contains(name, "zipcode") ||
		strings.Contains(name, "country") || strings.Contains(name, "state") && !strings.Contains(name, "statement"):
		return "INCORRECT_ADDRESS"
	}
	return ""
}
