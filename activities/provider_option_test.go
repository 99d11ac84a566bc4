package activities

import (
	"reflect"
	"testing"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
	"packhorse/internal/provider/catalogue"
	"packhorse/internal/provider/http"
	"packhorse/internal/provider/providertest"
	"packhorse/internal/provider/rate"
)

// TestReturnOptionShipsNothing: no provider takes an option for returns for a way to ship an order; those that ship are
// taken, with the same settings that they are priced with.
func TestReturnOptionShipsNothing(t *testing.T) {
	t.Parallel()
	settings := map[string]map[string]any{
		http.ID: {"url": "https://warehouse.example.com/packhorse", "secretName": "WAREHOUSE"},
	}
	for _, entry := range catalogue.New() {
		p := entry.Offline
		options, err := p.Options(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range options {
			r := providertest.Request("a")
			r.ServiceOptions, r.Option = settings[p.ID()], &fulfillment.ShippingOption{ID: o.ID}
			refused, err := (&Providers{Provider: p}).chosen(t.Context(), &r)
			want := provider.CheckShips(options, o.ID)
			switch {
			case err != nil:
				t.Errorf("%s: %v", o.ID, err)
			case o.Return && (refused == nil || refused.Outcome != fulfillment.OutcomeRejected ||
				refused.Message != want.Error()):
				t.Errorf("%s is answered %+v, want REJECTED, %v", o.ID, refused, want)
			case !o.Return && (refused != nil || r.ServiceOptions["id"] != o.ID):
				t.Errorf("%s is answered %+v, and chosen as %v", o.ID, refused, r.ServiceOptions["id"])
			case !o.Return && !reflect.DeepEqual(r.ServiceOptions, rate.DataOf(settings[p.ID()], o)):
				t.Errorf("%s is chosen as %v, and priced with %v", o.ID, r.ServiceOptions, rate.DataOf(settings[p.ID()], o))
			}
		}
	}
}
