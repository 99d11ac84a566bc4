package postgres

import (
	"slices"
	"strings"
	"testing"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
)

// TestReturnsAreToldAsTheyWereStored: a body of what is stored shows the return as it was at its event, byte for byte
// the same after its lines have lost units and it was closed.
func TestReturnsAreToldAsTheyWereStored(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	order, fos := b.create(merchant)
	line := b.do(fos[0], &fulfillment.CreateFulfillment{}).Fulfillments[0].Lines[0]
	id := returns.IDFor(order.ID, "told")
	next := id
	do := func(cmd returns.Command) *returns.Return {
		t.Helper()
		cmd.Envelope().FirstID = next
		next += fulfillment.IDBlock
		d, err := b.CommandReturn(t.Context(), id, cmd, b.env().Now)
		if err != nil {
			t.Fatal(err)
		}
		return d.State
	}
	told := func() (topics, bodies []string) {
		t.Helper()
		raised, made := b.bodies(order.ID, access.App{})
		for i, topic := range raised {
			if slices.Contains(returns.Topics, topic) {
				topics, bodies = append(topics, topic), append(bodies, string(made[i]))
			}
		}
		return topics, bodies
	}
	do(&returns.Request{Opened: returns.Opened{OrderID: order.ID, Lines: []returns.NewLine{
		{FulfillmentLineID: line.ID, Quantity: 1, Reason: "UNWANTED", CustomerNote: "Too <bright>"},
	}}})
	r := do(&returns.Approve{})
	_, before := told()
	do(&returns.CreateDelivery{Tracking: &returns.TrackingInput{Number: "EX123"}})
	do(&returns.Remove{Lines: []returns.RemovedUnits{{ReturnLineID: r.Lines[0].ID, Quantity: 1}}})
	topics, after := told()
	want := []string{
		returns.TopicRequest, returns.TopicApprove, returns.TopicAttach, returns.TopicUpdate, returns.TopicClose,
	}
	if !slices.Equal(topics, want) {
		t.Fatalf("told are %v, want %v", topics, want)
	}
	if !slices.Equal(after[:2], before) {
		t.Errorf("what was told as %s\nis told as %s", before, after[:2])
	}
	gid := `"gid://shopify/ReturnLineItem/` + r.Lines[0].ID.String() + `"`
	if !strings.Contains(after[1], gid) || !strings.Contains(after[0], `"customer_note":"Too <bright>"`) ||
		!strings.Contains(after[3], `{"admin_graphql_api_id":`+gid+`,"delta":1}`) {
		t.Errorf("they are told as %s", after)
	}
}
