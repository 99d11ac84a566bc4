package fulfillment

// CancelUnits takes units out of the order for good: by order cancellation (all of them), or by an order edit that
// lowered a quantity. Where a service has accepted the work, it first asks the service to stop.
type CancelUnits struct {
	Meta
	WholeOrder bool       `json:"wholeOrder,omitempty"` // the order is cancelled: everything that is left
	LineItems  []Quantity `json:"lineItems,omitempty"`  // by order line ID
	Reason     string     `json:"reason,omitempty"`
}

// Verb is CancelUnits.
func (*CancelUnits) Verb() Verb { return VerbCancelUnits }

func (cmd *CancelUnits) apply(c *change) *Error {
	if c.actor.role() == RoleService {
		return refusal(CodeAccessDenied, nil, "Only the merchant can take units out of an order.")
	}
	if e := tooLong(cmd.Reason, maxMessage, "reason"); e != nil {
		return e
	}
	if cmd.WholeOrder {
		return c.cancelOrder(cmd.Reason)
	}
	return cmd.lower(c)
}

// cancelOrder follows the cancellation of the whole order: what nobody works on is closed, a service that has
// accepted the work is asked to stop.
func (c *change) cancelOrder(reason string) *Error {
	fo := c.fo
	if reason == "" {
		reason = "The order was cancelled."
	}
	switch {
	case fo.Status == StatusClosed:
	case fo.in(StatusInProgress, RequestCancellationRejected):
		return invalidState("Cannot cancel: the fulfillment service refused to stop.")
	case fo.in(StatusInProgress, RequestAccepted):
		fo.OrderCancelled = true
		c.requestCancellation("", reason)
	case fo.in(StatusInProgress, RequestCancellationRequested):
		if !fo.OrderCancelled {
			fo.OrderCancelled = true
			c.transition(KindUnitsCancelled, reason, nil)
		}
	default:
		details := &Details{Lines: fo.quantities(fo.remaining())}
		asked := fo.RequestStatus == RequestSubmitted
		if asked {
			details.MerchantRequest = fo.lastAsked(RequestFulfillment)
		}
		fo.OrderCancelled = true
		c.closeCancelled()
		c.transition(KindUnitsCancelled, reason, details, TopicCancelled)
		if asked {
			c.withdraw("")
		}
	}
	return nil
}

var orderLineTexts = quantityTexts{field: []string{"lineItems"}, zero: notPositive}

// lower follows an order edit that took units of single order lines away.
func (cmd *CancelUnits) lower(c *change) *Error {
	fo := c.fo
	if len(cmd.LineItems) == 0 {
		return refusal(CodeInvalid, orderLineTexts.field, "Name the line items to lower, or the whole order.")
	}
	if e := orderLineTexts.check(cmd.LineItems); e != nil {
		return e
	}
	switch {
	case fo.Status == StatusClosed:
		return invalidState("Cannot lower quantities of a closed fulfillment order.")
	case !fo.withMerchant() && fo.Status != StatusScheduled:
		return invalidState(
			"Cannot lower quantities: the fulfillment service has the request. Cancel the request first.",
		)
	}
	taken := units{}
	for _, q := range cmd.LineItems {
		left, known := q.Quantity, false
		for _, l := range fo.Lines {
			if l.LineItemID == q.ID {
				known = true
				if n := min(left, l.Remaining); n > 0 {
					taken[l.ID] = n
					left -= n
				}
			}
		}
		if !known {
			return refusal(
				CodeLineItemNotFound, orderLineTexts.field, "Line item %s is not in this fulfillment order.", q.ID,
			)
		}
		if left > 0 {
			return refusal(
				CodeInvalid, orderLineTexts.field, "Line item %s has fewer units left than are to be taken away.", q.ID,
			)
		}
	}
	details := &Details{Lines: fo.quantities(taken)}
	for i := range fo.Lines {
		fo.Lines[i].cancelUnits(taken[fo.Lines[i].ID])
	}
	if fo.RemainingUnits() == 0 {
		c.close()
	}
	reason := cmd.Reason
	if reason == "" {
		reason = "The order was edited."
	}
	c.transition(KindUnitsCancelled, reason, details)
	return nil
}
