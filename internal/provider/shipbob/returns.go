package shipbob

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
)

// newReturn announces goods to a center. ShipBob makes no label: the reference has to be on the parcel.
type newReturn struct {
	ReferenceID        string            `json:"reference_id"`
	FulfillmentCenter  newFacility       `json:"fulfillment_center"`
	OriginalShipmentID int64             `json:"original_shipment_id,omitempty"`
	Inventory          []newReturnedItem `json:"inventory"`
}

type newFacility struct {
	ID int64 `json:"id"`
}

type newReturnedItem struct {
	ID              int64  `json:"id"` // of the inventory, not of the product
	Quantity        int    `json:"quantity"`
	RequestedAction string `json:"requested_action"`
}

// goodsReturn is a return as ShipBob tells it.
type goodsReturn struct {
	ID          text               `json:"id"`
	ReferenceID text               `json:"reference_id"`
	Status      text               `json:"status"`
	Inventory   list[returnedItem] `json:"inventory"`
}

type returnedItem struct {
	ID          text              `json:"id"`
	Quantity    text              `json:"quantity"`
	ActionTaken list[actionTaken] `json:"action_taken"`
}

type actionTaken struct {
	Action   text `json:"action"`
	Quantity text `json:"quantity_processed"`
}

// CreateReturn announces a return. The shipments of the request's order say which inventory its lines are.
func (p *Provider) CreateReturn(ctx context.Context, r provider.ReturnRequest) (provider.Answer, error) {
	a, err := p.open(r.ServiceOptions)
	if err != nil {
		return provider.Answer{}, err
	}
	of, found, err := a.returned(ctx, r)
	if err != nil {
		return provider.Answer{}, err
	}
	if !found {
		return provider.Answer{
			Outcome: fulfillment.OutcomeRejected, Reason: fulfillment.RejectOther,
			Message: "ShipBob knows no order that these goods were shipped with.",
		}, nil
	}
	body, problem := of.back(r, a.Settings)
	if problem != "" {
		return provider.Answer{
			Outcome: fulfillment.OutcomeRejected, Reason: fulfillment.RejectOther, Message: problem,
		}, nil
	}
	channel, err := p.fit(ctx, a, false)
	if err != nil {
		return provider.Answer{}, err
	}
	var made goodsReturn
	create := call{
		what: "create the return", method: http.MethodPost, path: "/return", channel: channel, body: body, effect: true,
	}
	err = a.do(ctx, create, &made)
	if refused := refusedWith(err, notTaken...); refused != nil {
		return a.refusedReturn(ctx, r.Key, refused)
	}
	switch {
	case err != nil:
		return provider.Answer{}, err
	case !made.ID.digits():
		return provider.Answer{}, create.unreadable("it has no ID")
	}
	return made.answer(), nil
}

// returned is the order that the goods were shipped with.
func (a *account) returned(ctx context.Context, r provider.ReturnRequest) (order, bool, error) {
	if id := text(r.Reference); id.digits() {
		o, found, err := a.order(ctx, id, false)
		return o, found, before(err)
	}
	if r.RequestKey == "" {
		return order{}, false, nil
	}
	orders, err := a.byReference(ctx, r.RequestKey, false)
	if err != nil || len(orders) == 0 {
		return order{}, false, before(err)
	}
	return orders[0], true, nil
}

// before is the error of a question before anything was sent.
func before(err error) error {
	if err == nil {
		return nil
	}
	class := provider.Retryable
	if provider.Classify(err) == provider.Permanent {
		class = provider.Permanent
	}
	return &provider.Error{Class: class, RetryAfter: provider.RetryAfter(err), Message: "find the order", Cause: err}
}

// back is the return of these lines: what inventory they are, and who takes it. problem is for people; "": there is
// none.
func (o order) back(r provider.ReturnRequest, s Settings) (body newReturn, problem string) {
	body = newReturn{ReferenceID: provider.PathKey(r.Key), FulfillmentCenter: newFacility{int64(s.ReturnLocation)}}
	var from []text
	for _, line := range r.Lines {
		left := line.Quantity
		for _, sh := range o.sorted() {
			for _, p := range sh.Products {
				if left == 0 || sh.Status.key() == statusCancelled ||
					string(p.ReferenceID) != line.SKU && string(p.SKU) != line.SKU {
					continue
				}
				_, different := p.items()
				for _, item := range p.InventoryItems {
					n := min(left, item.Quantity.whole())
					if different > 1 { // A bundle comes back as its parts.
						n = left
					}
					if n > 0 && item.ID.digits() {
						body.add(item.ID, n, s.ReturnAction)
						if different <= 1 {
							left -= n
						}
					}
				}
				if different > 1 {
					left = 0
				}
				if !slices.Contains(from, sh.ID) {
					from = append(from, sh.ID)
				}
				if body.FulfillmentCenter.ID == 0 {
					body.FulfillmentCenter.ID = number(sh.Location.is.ID)
				}
			}
		}
		if left > 0 {
			return body, "ShipBob has shipped " + strconv.Itoa(line.Quantity-left) + " of the " +
				strconv.Itoa(line.Quantity) + " units of " + line.SKU + " that are to come back."
		}
	}
	if len(body.Inventory) == 0 || body.FulfillmentCenter.ID == 0 {
		return body, "ShipBob does not say which center shipped it: set the service's option returnLocation."
	}
	if len(from) == 1 {
		body.OriginalShipmentID = number(from[0])
	}
	return body, ""
}

func (r *newReturn) add(id text, quantity int, action string) {
	for i := range r.Inventory {
		if r.Inventory[i].ID == number(id) {
			r.Inventory[i].Quantity += quantity
			return
		}
	}
	r.Inventory = append(r.Inventory, newReturnedItem{ID: number(id), Quantity: quantity, RequestedAction: action})
}

func number(id text) int64 {
	n, _ := strconv.ParseInt(string(id), 10, 64) // 0: it is none.
	return n
}

// refusedReturn adopts the return that is there, as with an order.
func (a *account) refusedReturn(ctx context.Context, key string, refused *refusal) (provider.Answer, error) {
	found, err := a.findReturn(ctx, key)
	switch {
	case err != nil:
		return provider.Answer{}, &provider.Error{
			Class: provider.UnknownOutcome, RetryAfter: provider.RetryAfter(err),
			Message: "ShipBob refused the return, which may be there already", Cause: err,
		}
	case len(found) > 0:
		return found[0].Answer, nil
	case refused.mayExist():
		return provider.Answer{}, &provider.Error{
			Class: provider.UnknownOutcome, RetryAfter: a.settle,
			Message: "ShipBob seems to have the return already, and does not find it yet: " + refused.Error(),
		}
	}
	return provider.Answer{
		Outcome: fulfillment.OutcomeRejected, Reason: fulfillment.RejectOther,
		Message: "ShipBob refused the return: " + refused.Error(),
	}, nil
}

// findReturn is the returns with the reference of this key.
func (a *account) findReturn(ctx context.Context, key string) ([]provider.Found, error) {
	reference := provider.PathKey(key)
	var answer struct {
		Items list[goodsReturn] `json:"items"`
	}
	if err := a.do(ctx, call{
		what: "look for the return", method: http.MethodGet, path: "/return",
		query: url.Values{"ReferenceIds": {reference}},
	}, &answer); err != nil {
		return nil, err
	}
	var found []provider.Found
	for _, r := range slices.Backward(answer.Items) {
		if string(r.ReferenceID) == reference && r.ID.digits() {
			found = append(found, provider.Found{Reference: string(r.ID), Answer: r.answer()})
		}
	}
	return found, nil
}

// dispositions are what becomes of goods by ShipBob's actions, in the words of returns.
var dispositions = map[string]string{
	"restock": "RESTOCKED", "quarantine": "PROCESSING_REQUIRED", "dispose": "NOT_RESTOCKED",
}

// answer is what the return says now: it is announced, and with it comes what became of the goods so far.
func (r goodsReturn) answer() provider.Answer {
	answer := provider.Answer{Outcome: fulfillment.OutcomeAccepted, Reference: string(r.ID)}
	switch r.Status.key() {
	case statusCancelled:
		answer.Outcome, answer.Reason = fulfillment.OutcomeRejected, fulfillment.RejectOther
		answer.Message = "ShipBob has cancelled its return " + string(r.ID) + "."
		return answer
	case "completed":
	default:
		answer.Data = map[string]any{"rma": string(r.ReferenceID)} // It has to be on the parcel.
		return answer
	}
	counts := make(map[string]int)
	for _, item := range r.Inventory {
		left := item.Quantity.whole()
		for _, a := range item.ActionTaken {
			if disposition, known := dispositions[a.Action.key()]; known {
				counts[disposition] += a.Quantity.whole()
				left -= a.Quantity.whole()
			}
		}
		if left > 0 {
			counts["MISSING"] += left
		}
	}
	answer.Data = map[string]any{"rma": string(r.ReferenceID), "dispositions": counts}
	return answer
}
