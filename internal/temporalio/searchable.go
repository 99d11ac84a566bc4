package temporalio

import (
	"time"

	"go.temporal.io/sdk/temporal"

	"packhorse/internal/fulfillment"
)

// maxKeyword is the longest keyword, in bytes, that every database of the server's visibility can keep.
const maxKeyword = 255

// Keyword sets a keyword to a text, which is shortened to what the server can keep.
func Keyword(key temporal.SearchAttributeKeyKeyword, text string) temporal.SearchAttributeUpdate {
	return key.ValueSet(Clip(text, maxKeyword))
}

// Searchable is the values of the search attributes by which a fulfillment order can be found. The zero value has none.
// Two are compared with ==.
type Searchable struct {
	status, requestStatus, location, provider, orderName string
	fulfillBy                                            time.Time
}

// SearchableOf is what a fulfillment order can be found by now. No personal data: the server keeps it in the clear.
func SearchableOf(fo *fulfillment.FulfillmentOrder) Searchable {
	s := Searchable{
		status: string(fo.Status), requestStatus: string(fo.RequestStatus),
		location: fo.AssignedLocation.Name, provider: fo.AssignedLocation.Provider, orderName: fo.OrderName,
	}
	if fo.FulfillBy != nil {
		s.fulfillBy = fo.FulfillBy.UTC()
	}
	return s
}

// SearchableIn is what the server has, read from a workflow's attributes.
func SearchableIn(attributes temporal.SearchAttributes) Searchable {
	var s Searchable
	s.status, _ = attributes.GetKeyword(FulfillmentOrderStatus)
	s.requestStatus, _ = attributes.GetKeyword(FulfillmentOrderRequestStatus)
	s.location, _ = attributes.GetKeyword(FulfillmentOrderLocation)
	s.provider, _ = attributes.GetKeyword(FulfillmentOrderProvider)
	s.orderName, _ = attributes.GetKeyword(OrderName)
	s.fulfillBy, _ = attributes.GetTime(FulfillBy)
	return s
}

// Attributes is all of them, for a workflow that starts.
func (s Searchable) Attributes() temporal.SearchAttributes {
	return temporal.NewSearchAttributes(s.Updates(Searchable{})...)
}

// Updates is what has to be written for a server that has the old values; it is empty when nothing changed.
func (s Searchable) Updates(old Searchable) []temporal.SearchAttributeUpdate {
	var updates []temporal.SearchAttributeUpdate
	keyword := func(key temporal.SearchAttributeKeyKeyword, value, before string) {
		switch {
		case value == before:
		case value == "":
			updates = append(updates, key.ValueUnset())
		default:
			updates = append(updates, Keyword(key, value))
		}
	}
	keyword(FulfillmentOrderStatus, s.status, old.status)
	keyword(FulfillmentOrderRequestStatus, s.requestStatus, old.requestStatus)
	keyword(FulfillmentOrderLocation, s.location, old.location)
	keyword(FulfillmentOrderProvider, s.provider, old.provider)
	keyword(OrderName, s.orderName, old.orderName)
	switch {
	case s.fulfillBy.Equal(old.fulfillBy):
	case s.fulfillBy.IsZero():
		updates = append(updates, FulfillBy.ValueUnset())
	default:
		updates = append(updates, FulfillBy.ValueSet(s.fulfillBy))
	}
	return updates
}
