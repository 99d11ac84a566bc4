package chaos

import (
	"testing"

	"packhorse/internal/fulfillment"
	"packhorse/internal/news"
	"packhorse/internal/provider"
	"packhorse/internal/provider/easypost"
	"packhorse/internal/provider/shipbob"
)

// inAgreement is a book that agrees with the systems: EasyPost has sold a label and taken one back, ShipBob has packed
// an order in one parcel and cancelled another one, and a parcel waits for its carrier.
func inAgreement() *agreement {
	fo := func(id fulfillment.ID) *fulfillment.FulfillmentOrder { return &fulfillment.FulfillmentOrder{ID: id} }
	key := func(id fulfillment.ID) string { return fulfillment.EffectKey(id, 2) }
	reference := func(id fulfillment.ID) string { return provider.PathKey(key(id)) }
	sold := standing{provider: easypost.ID, reference: reference(1), name: "shp_1"}
	packed := standing{provider: shipbob.ID, reference: reference(3), name: "100"}
	shipment := func(number string, units int, events ...fulfillment.EventStatus) *fulfillment.Fulfillment {
		f := &fulfillment.Fulfillment{
			Status: fulfillment.FulfillmentSuccess, Lines: []fulfillment.FulfillmentLine{{Quantity: units}},
			Tracking: []fulfillment.TrackingInfo{{Number: number}},
		}
		for _, e := range events {
			f.Events = append(f.Events, fulfillment.FulfillmentEvent{Status: e})
			f.DisplayStatus = fulfillment.DisplayStatus(e)
		}
		return f
	}
	return &agreement{
		asked: []asked{
			{key: key(1), provider: easypost.ID, fo: fo(1), accepted: true},
			{key: key(2), provider: easypost.ID, fo: fo(2), accepted: true, stopped: true},
			{key: key(3), provider: shipbob.ID, fo: fo(3), accepted: true},
			{key: key(4), provider: shipbob.ID, fo: fo(4), stopped: true},
			{key: key(5), provider: easypost.ID, fo: fo(5), accepted: true},
		},
		standing: []standing{
			sold, {provider: easypost.ID, reference: reference(2), name: "shp_2", void: true}, packed,
			{provider: shipbob.ID, reference: reference(4), name: "101", void: true},
			{provider: easypost.ID, reference: reference(5), name: "shp_5"},
		},
		parcels: []consignment{
			{of: sold, number: "94001", events: []fulfillment.EventStatus{"LABEL_PURCHASED", "IN_TRANSIT"}},
			{of: packed, number: "SB100", units: 3, events: []fulfillment.EventStatus{"LABEL_PRINTED"}},
		},
		booked: []booked{
			{shipment("94001", 2, "LABEL_PURCHASED", "IN_TRANSIT"), fo(1), easypost.ID},
			{shipment("SB100", 3, "LABEL_PRINTED"), fo(3), shipbob.ID},
		},
		letters: []letter{{provider: easypost.ID, service: 7, key: "evt_1"}},
		kept:    map[string]keptDelivery{"7 evt_1": {news.DeliveryDone, 2}},
		news: []news.Item{
			{State: news.Refused, About: news.Subject{RequestKey: key(2)}},
			{State: news.Unmatched, About: news.Subject{RequestKey: key(5), Shipment: "shp_5"}},
		},
	}
}

// TestAgreement: each way in which the book and the systems can differ is found, by the promise that it breaks.
func TestAgreement(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		broken string
		change func(*agreement)
	}{
		"all agrees":                     {"", func(*agreement) {}},
		"no label was bought":            {promiseLabels, func(a *agreement) { a.standing[0].reference = a.standing[1].reference }},
		"a label was bought twice":       {promiseLabels, func(a *agreement) { a.standing = append(a.standing, a.standing[0]) }},
		"nobody accepted it":             {promiseLabels, func(a *agreement) { a.asked[0].accepted = false }},
		"nobody asked for it":            {promiseLabels, func(a *agreement) { a.asked = a.asked[1:] }},
		"a label was not given back":     {promiseLabels, func(a *agreement) { a.standing[1].void = false }},
		"a label was given back":         {promiseLabels, func(a *agreement) { a.standing[0].void = true }},
		"an order is there twice":        {promiseOrders, func(a *agreement) { a.standing = append(a.standing, a.standing[3]) }},
		"an order is not there":          {promiseOrders, func(a *agreement) { a.asked[3].accepted, a.asked[3].stopped = true, false }},
		"an order goes on":               {promiseOrders, func(a *agreement) { a.standing[3].void = false }},
		"nobody noticed that it stopped": {promiseOrders, notNoticed},
		"it was noticed": {"", func(a *agreement) {
			notNoticed(a)
			a.asked[3].fo.Status = fulfillment.StatusClosed
		}},
		"a shipment is not in the book":  {promiseParcels, func(a *agreement) { a.booked = a.booked[1:] }},
		"a shipment is there twice":      {promiseParcels, func(a *agreement) { a.booked = append(a.booked, a.booked[0]) }},
		"it has another number":          {promiseParcels, func(a *agreement) { a.booked[0].Tracking[0].Number = "94002" }},
		"it has no number":               {promiseParcels, func(a *agreement) { a.booked[0].Tracking = nil }},
		"it was cancelled":               {promiseParcels, func(a *agreement) { a.booked[0].Status = fulfillment.FulfillmentCancelled }},
		"it has other units":             {promiseParcels, func(a *agreement) { a.booked[1].Lines[0].Quantity = 4 }},
		"an event is missing":            {promiseParcels, func(a *agreement) { a.booked[0].Events = a.booked[0].Events[1:] }},
		"an event is there twice":        {promiseParcels, func(a *agreement) { a.booked[0].Events[0] = a.booked[0].Events[1] }},
		"it is shown as it was before":   {promiseParcels, func(a *agreement) { a.booked[0].DisplayStatus = "LABEL_PURCHASED" }},
		"it is of a label that is void":  {promiseParcels, func(a *agreement) { a.parcels = a.parcels[1:] }},
		"a delivery is not kept":         {promiseNews, func(a *agreement) { delete(a.kept, "7 evt_1") }},
		"a delivery came once":           {promiseNews, func(a *agreement) { a.kept["7 evt_1"] = keptDelivery{news.DeliveryDone, 1} }},
		"a delivery was not read":        {promiseNews, func(a *agreement) { a.kept["7 evt_1"] = keptDelivery{news.DeliveryPending, 2} }},
		"a delivery was refused":         {promiseNews, func(a *agreement) { a.refused = []string{"evt_2 is answered 401"} }},
		"news waits to be told":          {promiseNews, func(a *agreement) { a.news[0].State = news.Pending }},
		"news of what stands is refused": {promiseNews, func(a *agreement) { a.news[0].About.RequestKey = a.asked[0].key }},
		"news should be matched":         {promiseNews, func(a *agreement) { a.news[1].About.Shipment = "shp_1" }},
	} {
		a := inAgreement()
		test.change(a)
		for _, one := range a.check() {
			if broken := len(one.Violations) > 0; broken != (one.Name == test.broken) || one.Checked == 0 {
				t.Errorf("%s: %s: checked %d times, and %v", name, one.Name, one.Checked, one.Violations)
			}
		}
	}
}

// notNoticed has ShipBob cancel an order by itself, which the book does not know.
func notNoticed(a *agreement) {
	a.asked[3].accepted, a.asked[3].stopped = true, false
	a.asked[3].fo.RequestKey, a.asked[3].fo.Status = a.asked[3].key, fulfillment.StatusInProgress
	a.standing[3].byItself = true
}
