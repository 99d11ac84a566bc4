package postgres

import (
	"testing"

	"packhorse/internal/fulfillment"
)

// TestLossesOfTwoLives: a fulfillment order that was lost, made again and lost again has the same sequences in both
// lives. What either has lost is listed, once each.
func TestLossesOfTwoLives(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	life := func(shipment fulfillment.ID, command string) fulfillment.Loss {
		loss := fulfillment.Loss{Kind: fulfillment.LossEnded, OrderID: 1, FulfillmentOrderID: 2, FoundAt: b.now,
			SetBack: fulfillment.SetBack{To: 2, CommandIDs: []string{command}}}
		if shipment != 0 {
			loss.Shipments = []fulfillment.LostShipment{{ID: shipment, Lines: units(3, 1)}}
		}
		return loss
	}
	for _, loss := range []fulfillment.Loss{life(0, "hold"), life(7, "ship"), life(7, "ship"), life(0, "hold")} {
		if err := b.Lose(t.Context(), loss); err != nil {
			t.Fatal(err)
		}
	}
	loss, err := b.LossOf(t.Context(), 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	if len(loss.Shipments) != 1 || loss.Shipments[0].ID != 7 || len(loss.CommandIDs) != 2 || loss.To != 2 {
		t.Errorf("listed are %+v", loss.SetBack)
	}
}
