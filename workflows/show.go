package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"packhorse/internal/fulfillment"
	searchattributes "packhorse/internal/temporal"
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
	keyword(searchattributes.FulfillmentOrderStatus, s.status, old.status)
	keyword(searchattributes.FulfillmentOrderRequestStatus, s.requestStatus, old.requestStatus)
	keyword(searchattributes.FulfillmentOrderLocation, s.location, old.location)
	keyword(searchattributes.FulfillmentOrderProvider, s.provider, old.provider)
	keyword(searchattributes.OrderName, s.orderName, old.orderName)
	switch {
	case s.fulfillBy.Equal(old.fulfillBy):
	case s.fulfillBy.IsZero():
		updates = append(updates, searchattributes.FulfillBy.ValueUnset())
	default:
		updates = append(updates, searchattributes.FulfillBy.ValueSet(s.fulfillBy))
	}
	return updates
}

// shownBy reads what the server has from the workflow's own attributes.
func shownBy(ctx workflow.Context) searchable {
	attributes := workflow.GetTypedSearchAttributes(ctx)
	var s searchable
	s.status, _ = attributes.GetKeyword(searchattributes.FulfillmentOrderStatus)
	s.requestStatus, _ = attributes.GetKeyword(searchattributes.FulfillmentOrderRequestStatus)
	s.location, _ = attributes.GetKeyword(searchattributes.FulfillmentOrderLocation)
	s.provider, _ = attributes.GetKeyword(searchattributes.FulfillmentOrderProvider)
	s.orderName, _ = attributes.GetKeyword(searchattributes.OrderName)
	s.fulfillBy, _ = attributes.GetTime(searchattributes.FulfillBy)
	return s
}

// show lets people see where the fulfillment order stands. An unchanged attribute costs nothing; the details page is
// no part of the history.
func (l *life) show(ctx workflow.Context) error {
	workflow.SetCurrentDetails(ctx, Details(l.fo, l.calls != nil))
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
