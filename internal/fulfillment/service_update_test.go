package fulfillment

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestApplyServiceUpdate(t *testing.T) {
	t.Parallel()
	yes, no, name, url, none := true, false, "Boat Co", "https://example.com/2", ""
	before := Service{
		ID:                     3,
		Name:                   "Ship Co",
		Handle:                 "ship-co",
		CallbackURL:            "https://example.com/1",
		TrackingSupport:        true,
		RequiresShippingMethod: &no,
	}
	with := func(change func(*Service)) Service {
		s := before
		s.RequiresShippingMethod = &yes
		change(&s)
		return s
	}
	for about, test := range map[string]struct {
		update ServiceUpdate
		want   Service
	}{
		"nothing said but what has a default": {ServiceUpdate{}, with(func(*Service) {})},
		"a name, not the handle":              {ServiceUpdate{Name: &name}, with(func(s *Service) { s.Name = name })},
		"another URL": {ServiceUpdate{CallbackURL: &url},
			with(func(s *Service) { s.CallbackURL = url })},
		"no URL": {ServiceUpdate{CallbackURL: &none},
			with(func(s *Service) { s.CallbackURL = "" })},
		"the flags": {ServiceUpdate{TrackingSupport: &no, InventoryManagement: &yes, RequiresShippingMethod: &no},
			with(func(s *Service) {
				s.TrackingSupport, s.InventoryManagement, s.RequiresShippingMethod = false, true, &no
			})},
	} {
		if diff := cmp.Diff(test.want, test.update.Apply(before)); diff != "" {
			t.Errorf("%s: -want +got:\n%s", about, diff)
		}
	}
}

func TestCheckServiceUpdate(t *testing.T) {
	t.Parallel()
	before := Service{ID: 3, Name: "Ship Co", CallbackURL: "ftp://old"} // allowed when it was given
	for name, want := range nameCases {
		if diff := cmp.Diff(want, told(ServiceUpdate{Name: &name}.Check(before, false, noFTP{})...)); diff != "" {
			t.Errorf("%q: -want +got:\n%s", name, diff)
		}
	}
	same, other, bad, none := "Ship Co", "Bikes!", "ftp://x", ""
	const taken = "INVALID name Name has already been taken"
	for about, test := range map[string]struct {
		update ServiceUpdate
		taken  bool
		want   []string
	}{
		"what is not named is not judged": {ServiceUpdate{}, true, nil},
		"its own name":                    {ServiceUpdate{Name: &same}, true, nil},
		"another's name":                  {ServiceUpdate{Name: &other}, true, []string{taken}},
		"no URL":                          {ServiceUpdate{CallbackURL: &none}, false, nil},
		"all at once": {ServiceUpdate{Name: &other, CallbackURL: &bad}, true,
			[]string{taken, "INVALID callbackUrl no"}},
	} {
		if diff := cmp.Diff(test.want, told(test.update.Check(before, test.taken, noFTP{})...)); diff != "" {
			t.Errorf("%s: -want +got:\n%s", about, diff)
		}
	}
	const gone = "SERVICE_NOT_FOUND id Fulfillment service could not be found."
	if diff := cmp.Diff([]string{gone}, told(ServiceNotFound())); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
