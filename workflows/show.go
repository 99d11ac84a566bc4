package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
)

// maxKeyword is the longest keyword, in bytes, that every database of the server's visibility can keep.
const maxKeyword = 255

// searchable is what a fulfillment order can be found by. No personal data: the server keeps it in the clear.
type searchable struct {
	status, requestStatus, location, provider, orderName string
	fulfillBy                                            time.Time
}

func searchableOf(fo *fulfillment.FulfillmentOrder) searchable {
	s := searchable{
		status: string(fo.Status), requestStatus: string(fo.RequestStatus),
		location: fo.AssignedLocation.Name, provider: fo.AssignedLocation.Provider, orderName: fo.OrderName,
	}
	if fo.FulfillBy != nil {
		s.fulfillBy = fo.FulfillBy.UTC()
	}
	return s
}

func (s searchable) attributes() temporal.SearchAttributes {
	return temporal.NewSearchAttributes(s.updates(searchable{})...)
}

// updates is what has to be written for a server that has the old values.
func (s searchable) updates(old searchable) []temporal.SearchAttributeUpdate {
	var updates []temporal.SearchAttributeUpdate
	keyword := func(key temporal.SearchAttributeKeyKeyword, value, before string) {
		switch {
		case value == before:
		case value == "":
			updates = append(updates, key.ValueUnset())
		default:
			updates = append(updates, key.ValueSet(clip(value, maxKeyword)))
		}
	}
	keyword(temporalio.FulfillmentOrderStatus, s.status, old.status)
	keyword(temporalio.FulfillmentOrderRequestStatus, s.requestStatus, old.requestStatus)
	keyword(temporalio.FulfillmentOrderLocation, s.location, old.location)
	keyword(temporalio.FulfillmentOrderProvider, s.provider, old.provider)
	keyword(temporalio.OrderName, s.orderName, old.orderName)
	switch {
	case s.fulfillBy.Equal(old.fulfillBy):
	case s.fulfillBy.IsZero():
		updates = append(updates, temporalio.FulfillBy.ValueUnset())
	default:
		updates = append(updates, temporalio.FulfillBy.ValueSet(s.fulfillBy))
	}
	return updates
}

// shownBy reads what the server has from the workflow's own attributes.
func shownBy(ctx workflow.Context) searchable {
	attributes := workflow.GetTypedSearchAttributes(ctx)
	var s searchable
	s.status, _ = attributes.GetKeyword(temporalio.FulfillmentOrderStatus)
	s.requestStatus, _ = attributes.GetKeyword(temporalio.FulfillmentOrderRequestStatus)
	s.location, _ = attributes.GetKeyword(temporalio.FulfillmentOrderLocation)
	s.provider, _ = attributes.GetKeyword(temporalio.FulfillmentOrderProvider)
	s.orderName, _ = attributes.GetKeyword(temporalio.OrderName)
	s.fulfillBy, _ = attributes.GetTime(temporalio.FulfillBy)
	return s
}

// show lets people see where the fulfillment order stands. An unchanged attribute costs nothing; the details page is
// no part of the history.
func (l *life) show(ctx workflow.Context) error {
	workflow.SetCurrentDetails(ctx, Details(l.fo, l.calls != nil, l.parked.page()))
	now := searchableOf(l.fo)
	if l.shown == (searchable{}) {
		l.shown = shownBy(ctx)
	}
	updates := now.updates(l.shown)
	if len(updates) == 0 {
		return nil
	}
	l.shown = now
	return workflow.UpsertTypedSearchAttributes(ctx, updates...)
}
