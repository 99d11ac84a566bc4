package operation

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
)

// sites keeps locations and what waits at them, and notes what it is told.
type sites struct {
	locations map[fulfillment.ID]fulfillment.Location
	waiting   []*fulfillment.FulfillmentOrder
	told      []string
	added     fulfillment.Location
	deletion  fulfillment.LocationDeletion
	refuse    error // what every move is answered
}

func (s *sites) Location(_ context.Context, id fulfillment.ID) (fulfillment.Location, error) {
	l, ok := s.locations[id]
	if !ok {
		return l, fulfillment.ErrNotFound
	}
	return l, nil
}

func (s *sites) AddLocation(_ context.Context, l fulfillment.Location) (fulfillment.Location, error) {
	s.added = l
	return l, nil
}

func (s *sites) EditLocation(_ context.Context, edit fulfillment.LocationEdit) (fulfillment.Location, error) {
	s.told = append(s.told, "edit "+edit.ID.String())
	return fulfillment.Location{ID: edit.ID}, nil
}

func (s *sites) ActivateLocation(_ context.Context, id fulfillment.ID) (fulfillment.Location, error) {
	s.told = append(s.told, "activate "+id.String())
	return fulfillment.Location{ID: id}, nil
}

func (s *sites) DeactivateLocation(_ context.Context, id fulfillment.ID) (fulfillment.Location, error) {
	s.told = append(s.told, "deactivate "+id.String())
	return fulfillment.Location{ID: id}, nil
}

func (s *sites) DeleteLocation(_ context.Context, deletion fulfillment.LocationDeletion) error {
	s.told, s.deletion = append(s.told, "delete "+deletion.ID.String()), deletion
	return nil
}

func (s *sites) WaitingAt(
	_ context.Context, locationID, after fulfillment.ID, limit int,
) ([]*fulfillment.FulfillmentOrder, error) {
	var page []*fulfillment.FulfillmentOrder
	for _, fo := range s.waiting {
		if fo.AssignedLocation.LocationID == locationID && fo.ID > after && len(page) < limit {
			page = append(page, fo)
		}
	}
	return page, nil
}

func (s *sites) Send(_ context.Context, id fulfillment.ID, cmd fulfillment.Command) (fulfillment.Result, error) {
	s.told = append(s.told, "move "+id.String()+" as "+cmd.Envelope().CommandID)
	return fulfillment.Result{}, s.refuse
}

// Every change of a location needs the scope, and says which location it is about.
func TestLocations(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		do   func(context.Context, Locations) error
		want string
	}{
		"edit": {func(ctx context.Context, o Locations) error {
			_, err := o.Edit(ctx, fulfillment.LocationEdit{ID: 4})
			return err
		}, "edit 4"},
		"activate": {func(ctx context.Context, o Locations) error {
			_, err := o.Activate(ctx, 4)
			return err
		}, "activate 4"},
		"deactivate": {func(ctx context.Context, o Locations) error {
			_, err := o.Deactivate(ctx, fulfillment.LocationDeactivation{ID: 4})
			return err
		}, "deactivate 4"},
		"delete": {func(ctx context.Context, o Locations) error { return o.Delete(ctx, 4) }, "delete 4"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &sites{}
			o := Locations{Store: s, Commands: s}
			if err := test.do(as(t, access.WriteLocations), o); err != nil || !slices.Equal(s.told, []string{test.want}) {
				t.Errorf("it did %q, %v", s.told, err)
			}
			if err := test.do(as(t, access.ReadLocations), o); !isDenied(err) {
				t.Errorf("without the scope: %v", err)
			}
		})
	}
}

// What is made under an idempotency key has an ID that follows from it; what is deleted under one is known by it.
func TestLocationsUnderAKey(t *testing.T) {
	t.Parallel()
	s := &sites{}
	o := Locations{Store: s, Commands: s}
	key := Key{App: 5, Name: "k", Field: "f"}
	ctx := WithKey(as(t, access.WriteLocations), key)
	if l, err := o.Add(ctx, fulfillment.Location{Name: "Main", Priority: 7}); err != nil || l.ID != key.ID("location") ||
		l.Priority != 7 {
		t.Errorf("added %+v, %v", l, err)
	}
	if err := o.Delete(ctx, 4); err != nil || s.deletion.CommandID != "5/k/f" {
		t.Errorf("deleted as %q, %v", s.deletion.CommandID, err)
	}
	if _, err := o.Add(as(t, access.ReadLocations), fulfillment.Location{}); !isDenied(err) {
		t.Errorf("without the scope: %v", err)
	}
}

// A fault with the key is the answer, once it is clear that the caller may ask at all.
func TestLocationsKeyFault(t *testing.T) {
	t.Parallel()
	s := &sites{}
	o := Locations{Store: s, Commands: s}
	fault := errors.New("fault")
	ctx := WithKeyFault(as(t, access.WriteLocations), fault)
	if _, err := o.Activate(ctx, 4); !errors.Is(err, fault) {
		t.Errorf("activate: %v", err)
	}
	if _, err := o.Deactivate(ctx, fulfillment.LocationDeactivation{ID: 4}); !errors.Is(err, fault) {
		t.Errorf("deactivate: %v", err)
	}
	if _, err := o.Activate(WithKeyFault(as(t), fault), 4); !isDenied(err) {
		t.Errorf("without the scope: %v", err)
	}
	if s.told != nil {
		t.Errorf("it did %q", s.told)
	}
}

// What waits goes to the destination, all of it or nothing.
func TestDeactivateToADestination(t *testing.T) {
	t.Parallel()
	open := func(id fulfillment.ID) *fulfillment.FulfillmentOrder {
		return &fulfillment.FulfillmentOrder{
			ID: id, Status: fulfillment.StatusOpen, RequestStatus: fulfillment.RequestUnsubmitted,
			AssignedLocation: fulfillment.AssignedLocation{LocationID: 4},
			Lines:            []fulfillment.Line{{ID: 1, LineItemID: 2, SKU: "A", Total: 1, Remaining: 1}},
		}
	}
	for name, test := range map[string]struct {
		change  func(s *sites)
		scopes  []access.Scope
		to      fulfillment.ID
		refused fulfillment.Code
		told    []string
	}{
		"all can move": {told: []string{"move 11 as 5/k/f/11", "move 12 as 5/k/f/12", "deactivate 4"}},
		"one can't": {change: func(s *sites) { s.waiting[1].Status = fulfillment.StatusScheduled },
			refused: fulfillment.CodeHasFulfillmentOrders},
		"the destination lacks a SKU": {
			change:  func(s *sites) { s.locations[5] = fulfillment.Location{ID: 5, Active: true} },
			refused: fulfillment.CodeHasFulfillmentOrders},
		"whoever asks may not move it": {
			scopes: []access.Scope{access.WriteLocations}, refused: fulfillment.CodeHasFulfillmentOrders},
		"one refuses since": {
			change: func(s *sites) { s.refuse = &fulfillment.Error{Code: fulfillment.CodeInvalidState} },
			told:   []string{"move 11 as 5/k/f/11", "move 12 as 5/k/f/12", "deactivate 4"}},
		"one can't be asked": {
			change:  func(s *sites) { s.refuse = &fulfillment.Error{Code: fulfillment.CodeUnavailable} },
			refused: fulfillment.CodeUnavailable, told: []string{"move 11 as 5/k/f/11"}},
		"a cancelled one stays": {change: func(s *sites) { s.waiting[0].Status = fulfillment.StatusCancelled },
			told: []string{"move 12 as 5/k/f/12", "deactivate 4"}},
		"to itself":     {to: 4, refused: fulfillment.CodeDestinationIsTheSame},
		"to nowhere":    {to: 404, refused: fulfillment.CodeDestinationNotFound},
		"to a service":  {to: 6, refused: fulfillment.CodeDestinationOfAService},
		"nothing waits": {change: func(s *sites) { s.waiting = nil }, told: []string{"deactivate 4"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &sites{
				locations: map[fulfillment.ID]fulfillment.Location{
					4: {ID: 4, Active: true}, 5: {ID: 5, Active: true, StocksAll: true},
					6: {ID: 6, Active: true, ServiceID: 9},
				},
				waiting: []*fulfillment.FulfillmentOrder{open(11), open(12)},
			}
			if test.change != nil {
				test.change(s)
			}
			if test.to == 0 {
				test.to = 5
			}
			if test.scopes == nil {
				test.scopes = []access.Scope{access.WriteLocations, access.WriteMerchantManaged}
			}
			ctx := WithKey(as(t, test.scopes...), Key{App: 5, Name: "k", Field: "f"})
			_, err := Locations{Store: s, Commands: s}.Deactivate(
				ctx, fulfillment.LocationDeactivation{ID: 4, DestinationID: test.to},
			)
			if codeOf(err) != test.refused || !slices.Equal(s.told, test.told) {
				t.Errorf("it did %q, %v; want %q and code %q", s.told, err, test.told, test.refused)
			}
			sees := slices.Contains(test.scopes, access.WriteMerchantManaged)
			if refused, _ := fulfillment.AsError(err); test.refused == fulfillment.CodeHasFulfillmentOrders &&
				sees != strings.Contains(refused.Message, ": 1") {
				t.Errorf("to whoever sees what waits (%t), it says %q", sees, refused.Message)
			}
		})
	}
}
