package easypost_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
	"packhorse/internal/provider/easypost"
	"packhorse/internal/provider/easypost/easyposttest"
	"packhorse/internal/provider/providertest"
)

// inTheStates is a request from California to a place, with all that customs ask for.
func inTheStates(key string, to fulfillment.Address) provider.Request {
	r := providertest.Request(key)
	r.From = &fulfillment.Address{
		Company: "Example Goods", Address1: "388 Example St", City: "San Francisco", ProvinceCode: "CA", Zip: "94107",
		CountryCode: "US",
	}
	r.Destination, r.CurrencyCode = &to, "USD"
	r.Lines = []provider.RequestLine{{
		LineID: 11, Quantity: 2, SKU: "MUG", Title: "Mug", Grams: 200, UnitPrice: "12.50", HSCode: "691110",
		CountryOfOrigin: "DE",
	}}
	return r
}

// TestAcceptedAtOnce: what an answer has, with the policy to ship at once.
func TestAcceptedAtOnce(t *testing.T) {
	t.Parallel()
	server := easyposttest.New(t)
	o := options()
	o.MaxParcelGrams, o.Forms = 400, []string{"commercial_invoice"}
	r := providertest.Request("fulfillment-order/7#12")
	r.NotifyCustomer = true
	answer := create(t, newProvider(t, server, nil, o), r)
	shipments := server.Shipments()
	if len(shipments) != 2 || answer.Reference != shipments[0].ID || shipments[1].Reference != "fo-7-12-2" {
		t.Fatalf("shipments %+v, the answer is %+v", shipments, answer)
	}
	if got := told(answer.News); !slices.Equal(got, []string{"CreateFulfillment", "LABEL_PURCHASED", "CreateFulfillment", "LABEL_PURCHASED"}) {
		t.Fatalf("it tells %v", got)
	}
	for i, parcel := range shipments {
		ship := answer.News[2*i].Command.(*fulfillment.CreateFulfillment)
		want := [][]fulfillment.Quantity{{{ID: 11, Quantity: 2}}, {{ID: 12, Quantity: 1}}}[i]
		if !reflect.DeepEqual(ship.Lines, want) || !ship.NotifyCustomer || ship.Tracking.Number != parcel.TrackingCode ||
			ship.Tracking.Company != "USPS" || ship.Tracking.URL == "" {
			t.Errorf("parcel %d ships as %+v with %+v", i, ship, ship.Tracking)
		}
		if answer.News[2*i].ID == answer.News[2*i+1].ID || answer.News[2*i].About.TrackingNumber != parcel.TrackingCode {
			t.Errorf("news %+v", answer.News[2*i])
		}
	}
	if answer.Data["rate"] != "11.86" || answer.Data["currency"] != "USD" || answer.Data["carrier"] != "USPS" ||
		answer.Data["service"] != "GroundAdvantage" || answer.Data["voidableUntil"] != "2026-04-01T05:06:07Z" {
		t.Errorf("data %v", answer.Data)
	}
	if len(answer.Documents) != 2 || answer.Documents[0].Kind != fulfillment.DocumentInvoice ||
		answer.Documents[0].ContentType != "application/pdf" {
		t.Errorf("documents %+v", answer.Documents)
	}
}

// TestAcceptedUntilTheFirstScan: with that policy, the label ships nothing; the carrier's first scan does, once.
func TestAcceptedUntilTheFirstScan(t *testing.T) {
	t.Parallel()
	server := easyposttest.New(t)
	o := options()
	o.Ship = easypost.ShipOnFirstScan
	p := newProvider(t, server, nil, o)
	answer := create(t, p, providertest.Request("a"))
	if len(answer.News) != 0 {
		t.Errorf("it tells %v", told(answer.News))
	}
	code := answer.Labels[0].TrackingNumber
	read := func(scan easyposttest.Scan) []provider.News {
		news, err := p.Read(t.Context(), delivery(7, server.Scan(code, scan)))
		if err != nil {
			t.Fatal(err)
		}
		return news
	}
	if got := told(read(easyposttest.Scan{Status: "pre_transit"})); !slices.Equal(got, []string{"CONFIRMED"}) {
		t.Errorf("announced: %v", got)
	}
	first := read(easyposttest.Scan{Status: "in_transit", Detail: "received_at_origin_facility"})
	if got := told(first); !slices.Equal(got, []string{"CreateFulfillment", "LABEL_PURCHASED", "CONFIRMED", "CARRIER_PICKED_UP"}) {
		t.Fatalf("scanned: %v", got)
	}
	second := read(easyposttest.Scan{Status: "delivered"})
	for i, n := range first {
		if second[i].ID != n.ID || fulfillment.Fingerprint(second[i].Command) != fulfillment.Fingerprint(n.Command) {
			t.Errorf("news %d is %+v, later %+v", i, n, second[i])
		}
	}
	if len(second) != 5 {
		t.Errorf("delivered: %v", told(second))
	}
}

// TestShipmentSaysWhatCarriersAsk: addresses, weight in ounces, customs and the label's format, as EasyPost gets them.
func TestShipmentSaysWhatCarriersAsk(t *testing.T) {
	t.Parallel()
	server := easyposttest.New(t)
	o := options()
	o.LabelFormat, o.LabelSize, o.PackagingGrams = "PDF", "4x6", 37
	o.Parcel = &easypost.Box{Length: 10, Width: 8, Height: 4.5}
	to := fulfillment.Address{
		FirstName: "Ana", LastName: "Muster", Address1: "1 Calle", Address2: "2", City: "San Juan", ProvinceCode: "PR",
		Zip: "00907", CountryCode: "US", Phone: "1", Email: "ana@example.com",
	}
	answer := create(t, newProvider(t, server, nil, o), inTheStates("a", to))
	if answer.Outcome != fulfillment.OutcomeAccepted || !strings.HasSuffix(answer.Labels[0].LabelURL, ".pdf") {
		t.Fatalf("answered %+v", answer)
	}
	sent, err := json.Marshal(server.Shipments()[0].Sent)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"customs_info":{"contents_type":"merchandise","customs_certify":true,"customs_items":[{"code":"MUG",` +
		`"currency":"USD","description":"Mug","hs_tariff_number":"691110","origin_country":"DE","quantity":2,` +
		`"value":25,"weight":14.2}],"customs_signer":"Erika Muster","eel_pfc":"NOEEI 30.37(a)",` +
		`"non_delivery_option":"return","restriction_type":"none"},` +
		`"from_address":{"city":"San Francisco","company":"Example Goods","country":"US","name":"Erika Muster",` +
		`"phone":"040123456","state":"CA","street1":"388 Example St","zip":"94107"},` +
		`"options":{"label_format":"PDF","label_size":"4x6","print_custom_1":"#1001"},` +
		`"parcel":{"height":4.5,"length":10,"weight":15.5,"width":8},"reference":"k-a",` +
		`"to_address":{"city":"San Juan","country":"US","email":"ana@example.com","name":"Ana Muster","phone":"1",` +
		`"state":"PR","street1":"1 Calle","street2":"2","zip":"00907"}}`
	if string(sent) != want {
		t.Errorf("EasyPost was sent\n%s, want\n%s", sent, want)
	}
}

// TestRefusedBeforeAnythingIsSent: what can't be sent is refused here, with what to do.
func TestRefusedBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()
	abroad := fulfillment.Address{Address1: "1 Rue", City: "Paris", Zip: "75001", CountryCode: "FR"}
	for name, test := range map[string]struct {
		options func(*easypost.Options)
		request func(*provider.Request)
		reason  fulfillment.RejectionReason // of a rejection
		says    string                      // else of a permanent error
	}{
		"no_weight": {func(o *easypost.Options) { o.DefaultGrams = 0 }, func(r *provider.Request) { r.Lines[0].Grams = 0 },
			"INCORRECT_PRODUCT_INFO", "defaultGrams"},
		"no_customs":     {nil, func(r *provider.Request) { r.Lines[0].HSCode = "" }, "MISSING_CUSTOMS_INFO", "HS code"},
		"no_destination": {nil, func(r *provider.Request) { r.Destination = nil }, "INCORRECT_ADDRESS", "no address"},
		"no_sender": {func(o *easypost.Options) { o.From = nil }, func(r *provider.Request) { r.From = nil }, "",
			"option from"},
		"no_signer": {func(o *easypost.Options) { o.From = nil }, nil, "", "customs.signer"},
		"no_key":    {nil, func(r *provider.Request) { r.Key = "" }, "", "idempotency key"},
		"no_secret": {func(o *easypost.Options) { o.APIKey = "OTHER_KEY" }, nil, "", "OTHER_KEY"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := easyposttest.New(t)
			o := options()
			if test.options != nil {
				test.options(&o)
			}
			r := inTheStates("a", abroad)
			if test.request != nil {
				test.request(&r)
			}
			answer, err := newProvider(t, server, nil, o).Create(t.Context(), r)
			switch {
			case test.reason != "" && (err != nil || answer.Outcome != fulfillment.OutcomeRejected ||
				answer.Reason != test.reason || !strings.Contains(answer.Message, test.says)):
				t.Errorf("answered %+v, %v", answer, err)
			case test.reason == "" && (provider.Classify(err) != provider.Permanent || !strings.Contains(err.Error(), test.says)):
				t.Errorf("answered %+v, %v", answer, err)
			}
			if n := len(server.Shipments()); n != 0 {
				t.Errorf("%d shipments were made", n)
			}
		})
	}
}

// TestNoRateIsRejected with the carriers' words, and stays so.
func TestNoRateIsRejected(t *testing.T) {
	t.Parallel()
	for country, reason := range map[string]fulfillment.RejectionReason{
		"US": "UNDELIVERABLE_DESTINATION", "FR": "INTERNATIONAL_SHIPPING_UNAVAILABLE",
	} {
		server := easyposttest.New(t)
		server.NoRates("we don't go there")
		p := newProvider(t, server, nil, options())
		r := inTheStates("a", fulfillment.Address{Address1: "1", City: "X", Zip: "1", CountryCode: country})
		answer := create(t, p, r)
		if answer.Outcome != fulfillment.OutcomeRejected || answer.Reason != reason ||
			!strings.Contains(answer.Message, "USPS: we don't go there") {
			t.Errorf("%s: answered %+v", country, answer)
		}
		server.NoRates("")
		if again := create(t, p, r); again.Message != answer.Message || server.Labels() != 0 {
			t.Errorf("%s: asked again: %+v", country, again)
		}
	}
}

// TestPriceIsWhatIsBought, by each rule and for several parcels.
func TestPriceIsWhatIsBought(t *testing.T) {
	t.Parallel()
	for name, set := range map[string]func(*easypost.Options){
		"cheapest": func(*easypost.Options) {},
		"fastest":  func(o *easypost.Options) { o.Rule = easypost.Fastest },
		"named": func(o *easypost.Options) {
			o.Rule, o.Carrier, o.Service = easypost.Named, "USPS", "Express"
		},
		"several_parcels": func(o *easypost.Options) { o.MaxParcelGrams = 400 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := easyposttest.New(t)
			o := options()
			set(&o)
			p := newProvider(t, server, nil, o)
			r := providertest.Request("a")
			price, err := p.Price(t.Context(), nil, nil, provider.Context{Destination: r.Destination, Lines: r.Lines})
			if err != nil || server.Labels() != 0 {
				t.Fatalf("%d labels, %v", server.Labels(), err)
			}
			answer := create(t, p, r)
			if price.Amount != answer.Data["rate"] || price.CurrencyCode != answer.Data["currency"] {
				t.Errorf("the price is %+v, what was bought %v", price, answer.Data)
			}
		})
	}
}

// TestOrderChoosesTheRule: what an order chose goes before what its service is configured with.
func TestOrderChoosesTheRule(t *testing.T) {
	t.Parallel()
	bought := func(rule easypost.Rule, choice *fulfillment.ShippingOption) any {
		server := easyposttest.New(t)
		o := options()
		o.Rule = rule
		r := providertest.Request("a")
		r.Option = choice
		p := newProvider(t, server, nil, o)
		got := create(t, p, r).Data["rate"]
		if choice != nil { // What is priced by it is what is bought.
			price, err := p.PriceByRule(t.Context(), nil, *choice, provider.Context{
				Destination: r.Destination, Lines: r.Lines,
			})
			if err != nil || price.Amount != got {
				t.Errorf("%s: the price is %+v, %v, what was bought %v", choice.Rule, price, err, got)
			}
		}
		return got
	}
	cheapest, fastest := bought(easypost.Cheapest, nil), bought(easypost.Fastest, nil)
	if cheapest == nil || cheapest == fastest {
		t.Fatalf("the cheapest is %v, the fastest %v: they must differ", cheapest, fastest)
	}
	if got := bought(easypost.Cheapest, &fulfillment.ShippingOption{Rule: fulfillment.RuleFastest}); got != fastest {
		t.Errorf("FASTEST bought %v, want %v", got, fastest)
	}
	if got := bought(easypost.Fastest, &fulfillment.ShippingOption{Rule: fulfillment.RuleCheapest}); got != cheapest {
		t.Errorf("CHEAPEST bought %v, want %v", got, cheapest)
	}
}

// TestReturnLabel: EasyPost turns the addresses round itself; the parcel tells nothing about the way to the customer.
func TestReturnLabel(t *testing.T) {
	t.Parallel()
	server := easyposttest.New(t)
	p := newProvider(t, server, nil, options())
	r := providertest.Request("a")
	answer, err := p.CreateReturn(t.Context(), provider.ReturnRequest{
		Key: "a/return", FulfillmentOrderID: r.FulfillmentOrderID, OrderName: "#1001", ServiceID: 7, Lines: r.Lines,
		PickUpFrom: r.Destination,
	})
	if err != nil || answer.Outcome != fulfillment.OutcomeAccepted || len(answer.Labels) != 1 || len(answer.News) != 0 {
		t.Fatalf("answered %+v, %v", answer, err)
	}
	sent := server.Shipments()[0].Sent
	to, _ := sent["to_address"].(map[string]any)
	if sent["is_return"] != true || to["city"] != "Berlin" {
		t.Errorf("EasyPost was sent %v", sent)
	}
	news, err := p.Read(t.Context(), delivery(7, server.Scan(answer.Labels[0].TrackingNumber,
		easyposttest.Scan{Status: "delivered"})))
	if err != nil || len(news) != 0 {
		t.Errorf("it tells %v, %v", told(news), err)
	}
	documents, err := p.Documents(t.Context(), provider.Query{Reference: answer.Reference}, fulfillment.DocumentReturn)
	if err != nil || len(documents) != 1 || documents[0].URL != answer.Labels[0].LabelURL {
		t.Errorf("documents %+v, %v", documents, err)
	}
}

// TestDocumentsOfAllParcels: the same addresses as when the labels were bought, and nothing is bought for it.
func TestDocumentsOfAllParcels(t *testing.T) {
	t.Parallel()
	server := easyposttest.New(t)
	o := options()
	o.MaxParcelGrams, o.LabelFormat, o.Forms = 400, "EPL2", []string{"cn22", "return_packing_slip"}
	p := newProvider(t, server, nil, o)
	r := providertest.Request("a")
	answer := create(t, p, r)
	for kind, want := range map[fulfillment.DocumentKind]int{
		fulfillment.DocumentLabel: 2, fulfillment.DocumentInvoice: 2, fulfillment.DocumentReturn: 2,
	} {
		documents, err := p.Documents(t.Context(), queryOf(r), kind)
		if err != nil || len(documents) != want {
			t.Errorf("%s: %+v, %v", kind, documents, err)
		}
		for i, d := range documents {
			if kind == fulfillment.DocumentLabel && (d.URL != answer.Labels[i].LabelURL ||
				d.Name != "label-"+answer.Labels[i].TrackingNumber+".epl2") {
				t.Errorf("label %d is %+v", i, d)
			}
		}
	}
	if server.Labels() != 2 {
		t.Errorf("%d labels were sold", server.Labels())
	}
}
