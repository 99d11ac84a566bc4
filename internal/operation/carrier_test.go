package operation

import (
	"context"
	"testing"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
)

// heard is a system that notes the tracking it is told of.
type heard struct {
	*system
	tracking *fulfillment.TrackingInput
}

func (h *heard) Send(_ context.Context, _ fulfillment.ID, cmd fulfillment.Command) (fulfillment.Result, error) {
	switch cmd := cmd.(type) {
	case *fulfillment.CreateFulfillment:
		h.tracking = cmd.Tracking
	case *fulfillment.UpdateTracking:
		h.tracking = &cmd.Tracking
	}
	return fulfillment.Result{}, nil
}

func (h *heard) Joint(_ context.Context, _ fulfillment.ID, cmd fulfillment.Joint) ([]fulfillment.Result, error) {
	h.tracking = cmd.(*fulfillment.Ship).Tracking
	return []fulfillment.Result{{}}, nil
}

// tracked is the ways in which tracking comes in.
func tracked() map[string]func(context.Context, FulfillmentOrders, fulfillment.TrackingInput) error {
	groups := func(ids ...fulfillment.ID) (list []fulfillment.ShipGroup) {
		for _, id := range ids {
			list = append(list, fulfillment.ShipGroup{FulfillmentOrderID: id})
		}
		return list
	}
	return map[string]func(context.Context, FulfillmentOrders, fulfillment.TrackingInput) error{
		"shipment": func(ctx context.Context, o FulfillmentOrders, in fulfillment.TrackingInput) error {
			_, err := o.Ship(ctx, &fulfillment.Ship{Groups: groups(1), Tracking: &in})
			return err
		},
		"joint_shipment": func(ctx context.Context, o FulfillmentOrders, in fulfillment.TrackingInput) error {
			_, err := o.Ship(ctx, &fulfillment.Ship{Groups: groups(1, 2), Tracking: &in})
			return err
		},
		"command": func(ctx context.Context, o FulfillmentOrders, in fulfillment.TrackingInput) error {
			_, err := o.Send(ctx, 1, &fulfillment.UpdateTracking{FulfillmentID: 10, Tracking: in})
			return err
		},
		"shipment's_tracking": func(ctx context.Context, o FulfillmentOrders, in fulfillment.TrackingInput) error {
			_, err := o.SendToOwner(ctx, &fulfillment.UpdateTracking{FulfillmentID: 30, Tracking: in})
			return err
		},
	}
}

// TestTrackingURLsAreEncoded, whichever way they come in: with a blank or a line end in it, nobody could follow one.
func TestTrackingURLsAreEncoded(t *testing.T) {
	t.Parallel()
	for way, send := range tracked() {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			s, o := warehouse()
			h := &heard{system: s}
			o.Commands = h
			ctx := access.WithCaller(t.Context(), access.Trusted(fulfillment.Actor{Role: fulfillment.RoleMerchant}))
			given := []string{"https://example.com/?n=1\n2", ""}
			err := send(ctx, o, fulfillment.TrackingInput{URL: " https://example.com/a b ", URLs: given})
			if err != nil || h.tracking == nil || h.tracking.URL != "https://example.com/a%20b" ||
				h.tracking.URLs[0] != "https://example.com/?n=1%202" || h.tracking.URLs[1] != "" ||
				given[0] != "https://example.com/?n=1\n2" {
				t.Errorf("the tracking is %+v, %v", h.tracking, err)
			}
		})
	}
}

// TestProposeCarrier: a carrier that nobody has named is named when the numbers leave no doubt, whichever way tracking
// comes in, and one that is given stays.
func TestProposeCarrier(t *testing.T) {
	t.Parallel()
	const ups = "1Z5R89390357567127"
	for way, send := range tracked() {
		for rule, c := range map[string]struct {
			in   fulfillment.TrackingInput
			want string
		}{
			"no_doubt":        {fulfillment.TrackingInput{Number: ups}, "UPS"},
			"no_doubt_in_any": {fulfillment.TrackingInput{Numbers: []string{ups, ups}}, "UPS"},
			"doubt_about_one": {fulfillment.TrackingInput{Number: ups, Numbers: []string{"78045768393"}}, ""},
			"two_couriers":    {fulfillment.TrackingInput{Number: "78045768393"}, ""},
			"given":           {fulfillment.TrackingInput{Company: "My own", Number: ups}, "My own"},
			"no_number":       {fulfillment.TrackingInput{URL: "https://example.com/1"}, ""},
		} {
			t.Run(way+"/"+rule, func(t *testing.T) {
				t.Parallel()
				s, o := warehouse()
				h := &heard{system: s}
				o.Commands = h
				ctx := access.WithCaller(t.Context(), access.Trusted(fulfillment.Actor{Role: fulfillment.RoleMerchant}))
				if err := send(ctx, o, c.in); err != nil {
					t.Fatal(err)
				}
				if h.tracking == nil || h.tracking.Company != c.want {
					t.Errorf("the tracking is %+v, want the carrier %q", h.tracking, c.want)
				}
			})
		}
	}
}
