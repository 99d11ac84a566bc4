package fulfillment

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The priorities of locations that were not given one: after those that an operator placed.
const (
	AddedLocationPriority = 50  // of one that was added through Shopify's API
	servicePriority       = 100 // of one that was made with its service
)

// MaxPriority is the last place that a location can have among those that routing asks; -MaxPriority is the first.
const MaxPriority = 1_000_000

// Complete brings the texts of a location to the form in which they are kept and compared: its SKUs and its address are
// [Tidy], each SKU is there once, and the country's code is in upper case. Its name stays as it is, because blanks at
// its ends are refused.
func (l *Location) Complete() {
	for _, text := range []*string{
		&l.CountryCode, &l.ProvinceCode, &l.City, &l.Address1, &l.Address2, &l.Zip, &l.Phone,
	} {
		*text = Tidy(*text)
	}
	l.CountryCode = strings.ToUpper(l.CountryCode)
	var skus []string
	for _, sku := range TidyAll(l.SKUs) {
		if !slices.Contains(skus, sku) {
			skus = append(skus, sku)
		}
	}
	l.SKUs = skus
}

// CheckNew is all that is wrong with a location of the merchant's own that is to be added; nil: nothing is. others are
// the locations that there are. The codes are those of Shopify's LocationAddUserErrorCode, the paths those into the
// arguments of locationAdd.
func (l Location) CheckNew(others []Location) Refusals {
	refusals := slices.Concat(l.nameRefusals(others), l.textRefusals(), l.priorityRefusals())
	switch {
	case l.ServiceID != 0 || l.Service != nil:
		refusals = append(refusals,
			refusal(CodeInvalid, []string{"serviceId"}, "A location gets its service when the service is added."))
	case l.Default && !l.TakesOnlineOrders():
		refusals = append(refusals, defaultNeedsOnlineOrders())
	case l.Default && !l.Active:
		refusals = append(refusals, defaultNeedsActive())
	case l.Default && slices.ContainsFunc(others, func(other Location) bool { return other.Default }):
		refusals = append(refusals, refusal(CodeInvalid, []string{"default"},
			"There is a default location already. Add this one without it, and make it the default then."))
	}
	return refusals
}

func defaultNeedsOnlineOrders() *Error {
	return refusal(CodeInvalid, []string{"default"}, "The default location has to fulfill online orders.")
}

func defaultNeedsActive() *Error {
	return refusal(CodeInvalid, []string{"default"}, "The default location has to be active.")
}

// textRefusals is all that is wrong with the texts of a location, but for what a name must be.
func (l Location) textRefusals() Refusals {
	var refusals Refusals
	for _, text := range []struct {
		label, value string
		path         []string
	}{
		{"Name", l.Name, []string{"name"}},
		{"Address1", l.Address1, []string{"address", "address1"}},
		{"Address2", l.Address2, []string{"address", "address2"}},
		{"City", l.City, []string{"address", "city"}},
		{"Province code", l.ProvinceCode, []string{"address", "provinceCode"}},
		{"Country code", l.CountryCode, []string{"address", "countryCode"}},
		{"Zip", l.Zip, []string{"address", "zip"}},
		{"Phone", l.Phone, []string{"address", "phone"}},
	} {
		if isLong(text.value) {
			refusals = append(refusals, locationRefusal(CodeTooLong, longText(text.label), text.path...))
		} else if problem := lineProblem(text.value); problem != "" && text.label != "Name" {
			refusals = append(refusals, locationRefusal(CodeInvalid, text.label+" "+problem, text.path...))
		}
	}
	if problem := CountryProblem(l.CountryCode); l.CountryCode != "" && !isLong(l.CountryCode) && problem != "" {
		refusals = append(refusals, locationRefusal(CodeInvalid, "Country code "+problem, "address", "countryCode"))
	}
	for i, sku := range l.SKUs {
		if problem := lineProblem(sku); problem != "" {
			refusals = append(refusals, refusal(CodeInvalid, []string{"skus", strconv.Itoa(i)}, "SKU %s", problem))
		}
	}
	return refusals
}

func (l Location) priorityRefusals() Refusals {
	if -MaxPriority <= l.Priority && l.Priority <= MaxPriority {
		return nil
	}
	return Refusals{refusal(CodeInvalid, []string{"priority"}, "The priority must be from %d to %d (is %d).",
		-MaxPriority, MaxPriority, l.Priority)}
}

// SameAs tells whether a stored location with the same ID is this very one, which was added before: it says the same. A
// service may have come since. One that is deleted is not.
func (l Location) SameAs(stored Location) bool {
	said := func(l Location) Location {
		online := l.TakesOnlineOrders()
		l.FulfillsOnlineOrders = &online
		l.ServiceID, l.Service, l.CreatedAt, l.UpdatedAt = 0, nil, time.Time{}, time.Time{}
		l.DeactivatedAt, l.DeletedAt = nil, nil
		return l
	}
	return stored.DeletedAt == nil && reflect.DeepEqual(said(stored), said(l))
}

// IDTaken refuses a location whose ID another one has.
func (l Location) IDTaken() *Error {
	return refusal(CodeInvalid, []string{"id"},
		"There is another location with the ID %d. Edit that one, or leave the ID out.", l.ID)
}

func locationRefusal(code Code, message string, path ...string) *Error {
	return &Error{Code: code, Field: append([]string{"input"}, path...), Message: message}
}
