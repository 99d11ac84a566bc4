package fulfillment

import (
	"slices"
	"strings"
)

// The codes of Shopify's LocationEditUserErrorCode that nothing else has. The first is also one of
// LocationDeactivateUserErrorCode.
const (
	CodeCannotDisableOnlineOrders Code = "CANNOT_DISABLE_ONLINE_ORDER_FULFILLMENT"
	CodeCannotModifyOnlineOrders  Code = "CANNOT_MODIFY_ONLINE_ORDER_FULFILLMENT_FOR_FS_LOCATION"
)

// LocationEdit changes a location: what Shopify's locationEdit does, and what routing goes by. What is nil stays as it
// is.
type LocationEdit struct {
	ID   ID
	Name *string // unlike that of any other active location, in any case

	CountryCode  *string
	ProvinceCode *string
	City         *string
	Address1     *string
	Address2     *string
	Zip          *string
	Phone        *string

	FulfillsOnlineOrders *bool // a service's location can't be told to take none, nor the last one that takes them
	Priority             *int
	Default              *bool // true: the location that was the default is it no more
	StocksAll            *bool
	AddSKUs              []string // to what it stocks; not of a location that stocks everything
	RemoveSKUs           []string // from what it stocks; one that it does not stock is no error
}

// Complete brings the texts of the edit to the form in which they are kept and compared, as [Location.Complete] does.
func (e *LocationEdit) Complete() {
	for _, text := range []**string{
		&e.CountryCode, &e.ProvinceCode, &e.City, &e.Address1, &e.Address2, &e.Zip, &e.Phone,
	} {
		if *text != nil {
			*text = new(Tidy(**text))
		}
	}
	if e.CountryCode != nil {
		e.CountryCode = new(strings.ToUpper(*e.CountryCode))
	}
	e.AddSKUs, e.RemoveSKUs = TidyAll(e.AddSKUs), TidyAll(e.RemoveSKUs)
}

// Apply is the location as the edit makes it.
func (e LocationEdit) Apply(l Location) Location {
	set(&l.Name, e.Name)
	set(&l.CountryCode, e.CountryCode)
	set(&l.ProvinceCode, e.ProvinceCode)
	set(&l.City, e.City)
	set(&l.Address1, e.Address1)
	set(&l.Address2, e.Address2)
	set(&l.Zip, e.Zip)
	set(&l.Phone, e.Phone)
	set(&l.Priority, e.Priority)
	set(&l.Default, e.Default)
	set(&l.StocksAll, e.StocksAll)
	if e.FulfillsOnlineOrders != nil {
		l.FulfillsOnlineOrders = new(*e.FulfillsOnlineOrders)
	}
	l.SKUs = slices.DeleteFunc(slices.Clone(l.SKUs), func(sku string) bool {
		return slices.Contains(e.RemoveSKUs, Tidy(sku))
	})
	for _, sku := range e.AddSKUs {
		if !slices.Contains(l.SKUs, sku) {
			l.SKUs = append(l.SKUs, sku)
		}
	}
	return l
}

func set[T any](field, value *T) {
	if value != nil {
		*field = *value
	}
}

// Check is all that is wrong with the edit of a location; nil: nothing is. others are the other locations that there
// are. Only what the edit says is judged. The paths are those into the arguments of locationEdit.
func (e LocationEdit) Check(before Location, others []Location) Refusals {
	after := e.Apply(before)
	var refusals Refusals
	if e.Name != nil && after.Name != before.Name {
		refusals = after.nameRefusals(others)
	}
	refusals = slices.Concat(refusals, after.textRefusals(), after.priorityRefusals())
	switch online := e.FulfillsOnlineOrders; {
	case online == nil || *online || !before.TakesOnlineOrders():
	case before.IsFulfillmentService():
		refusals = append(refusals, locationRefusal(
			CodeCannotModifyOnlineOrders,
			"Cannot modify the online order fulfillment preference for fulfillment service locations.",
			"fulfillsOnlineOrders",
		))
	case before.Active && !slices.ContainsFunc(others, Location.takesRoutedOrders):
		refusals = append(refusals, locationRefusal(
			CodeCannotDisableOnlineOrders, onlineOrdersNeeded, "fulfillsOnlineOrders",
		))
	}
	switch becomes := e.Default != nil && *e.Default; {
	case after.Default && !after.TakesOnlineOrders():
		refusals = append(refusals, defaultNeedsOnlineOrders())
	case becomes && !after.Active:
		refusals = append(refusals, defaultNeedsActive())
	}
	return append(refusals, e.skuRefusals(after)...)
}

func (e LocationEdit) skuRefusals(after Location) Refusals {
	if after.StocksAll && len(e.AddSKUs)+len(e.RemoveSKUs) > 0 {
		return Refusals{refusal(CodeInvalid, []string{"skus"},
			"The location stocks everything: single SKUs can be added and removed when it does not.")}
	}
	for _, sku := range e.AddSKUs {
		switch {
		case isLong(sku):
			return Refusals{refusal(CodeTooLong, []string{"skus"}, "%s", longText("SKU"))}
		case slices.Contains(e.RemoveSKUs, sku):
			return Refusals{refusal(CodeInvalid, []string{"skus"}, "SKU %s is both added and removed.", quoted(sku))}
		}
	}
	return nil
}

const onlineOrdersNeeded = "At least one location must fulfill online orders."

// takesRoutedOrders tells whether orders are routed to the location now.
func (l Location) takesRoutedOrders() bool { return l.Active && l.TakesOnlineOrders() }

// nameRefusals is all that is wrong with the location's name but its length. A name is taken by an active location
// only: one that is not in use leaves its name to others, and can't be activated meanwhile.
func (l Location) nameRefusals(others []Location) Refusals {
	var refusals Refusals
	for _, problem := range NameProblems(l.Name) {
		refusals = append(refusals, locationRefusal(problem.Code, problem.Message, "name"))
	}
	if refusals == nil && l.nameTaken(others) {
		return Refusals{locationRefusal(CodeTaken, "You already have a location with this name", "name")}
	}
	return refusals
}

func (l Location) nameTaken(others []Location) bool {
	return slices.ContainsFunc(others, func(other Location) bool {
		return other.Active && strings.EqualFold(other.Name, l.Name)
	})
}

// LocationNotFound is the refusal of what is asked of a location that does not exist, or no more. Field names the
// argument that does.
func LocationNotFound(field ...string) *Error {
	return refusal(CodeLocationNotFound, field, "Location not found.")
}
