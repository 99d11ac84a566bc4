package endtoend

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"packhorse/examples/warehouse/warehouse"
	"packhorse/internal/access"
	"packhorse/internal/callback"
	"packhorse/internal/fulfillment"
	"packhorse/internal/gateway"
	"packhorse/internal/gateway/gatewaytest"
	"packhorse/internal/graphql/admin"
	"packhorse/internal/news"
	"packhorse/internal/postgres"
	"packhorse/internal/provider"
	"packhorse/internal/provider/catalogue"
	httpprovider "packhorse/internal/provider/http"
	"packhorse/internal/provider/shipbob"
	"packhorse/internal/provider/shipbob/shipbobtest"
	"packhorse/internal/serve"
	"packhorse/internal/standardwebhook"
	"packhorse/internal/telemetry"
	"packhorse/internal/worker/workertest"
)

// told is an engine, a gateway that takes news, and a service whose system has accepted a fulfillment order.
type told struct {
	*workertest.Stack
	*gatewaytest.Server
	t       *testing.T
	service fulfillment.Service
	app     *gatewaytest.App
	id      fulfillment.ID // of the fulfillment order
}

// newTold starts all of it with one more provider, whose secrets are named.
func newTold(t *testing.T, entry provider.Entry, service fulfillment.Service, secrets map[string]string) *told {
	t.Helper()
	engine := workertest.Start(t)
	engine.StopWorker()
	folder := t.TempDir()
	for name, secret := range secrets {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(secret), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	database := string(engine.Settings.Database.URL)
	engine.Settings.Named.Folder = folder
	engine.Settings.Providers = append(slices.Clone(engine.Settings.Providers), entry)
	engine.Settings.Worker.Providers = append(engine.Settings.Worker.Providers, entry.ID)
	if err := engine.Settings.Providers.Migrate(t.Context(), database); err != nil {
		t.Fatal(err)
	}
	engine.StartWorker()
	receivers, end, err := serve.OpenReceivers(t.Context(), catalogue.Catalogue{entry}, provider.Host{
		DatabaseURL: database, Secrets: provider.NamedSecrets(folder), Rules: callback.Rules{AllowPrivate: true},
		Logger: telemetry.NewLogger(t.Output(), slog.LevelError, "text"),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(end)
	s := &told{Stack: engine, t: t}
	s.Server = gatewaytest.Serve(t, database, engine.Temporal, gatewaytest.Options{Receivers: receivers})
	service.Provider = entry.ID
	s.service = engine.Service(service)
	s.app = s.App("Merchant", access.WriteThirdParty, access.ReadOrders)
	created, err := engine.Command.CreateOrder(t.Context(), fulfillment.Order{
		ShippingAddress: &fulfillment.Address{
			FirstName: "Kim", LastName: "Doe", Address1: "Hafen 1", City: "Kiel", CountryCode: "DE", Zip: "24103",
		},
		LineItems: []fulfillment.LineItem{
			{Title: "Blanket", SKU: "BLANKET", Quantity: 3, LocationID: s.service.LocationID},
			{Title: "Tent", SKU: "TENT", Quantity: 2, LocationID: s.service.LocationID},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.id = created.FulfillmentOrderIDs[0]
	engine.Send(s.id, &fulfillment.SubmitFulfillmentRequest{})
	s.until("accepted", func(fo *fulfillment.FulfillmentOrder) bool {
		return fo.Status == fulfillment.StatusInProgress && fo.RequestStatus == fulfillment.RequestAccepted
	})
	return s
}

func (s *told) until(what string, ok func(*fulfillment.FulfillmentOrder) bool) *fulfillment.FulfillmentOrder {
	s.t.Helper()
	return s.Eventually(s.id, what, ok)
}

// look is the fulfillment order as the API shows it: its statuses, and its holds as reason, handle and notes.
func (s *told) look() (status string, holds []string, actions string) {
	s.t.Helper()
	answer := s.app.Must(s.t, `query ($id: ID!) { fulfillmentOrder(id: $id) {
		status requestStatus fulfillmentHolds { reason handle reasonNotes } supportedActions { action } } }`,
		vars{"id": fmt.Sprintf("gid://shopify/%s/%d", admin.TypeFulfillmentOrder, s.id)})
	fo := gatewaytest.Get[vars](s.t, answer, "fulfillmentOrder")
	for _, h := range fo["fulfillmentHolds"].([]any) {
		h := h.(vars)
		holds = append(holds, fmt.Sprint(h["reason"], " ", h["handle"], " ", h["reasonNotes"]))
	}
	return fmt.Sprint(fo["status"], "/", fo["requestStatus"]), holds, fmt.Sprint(fo["supportedActions"])
}

// shows wants the API to show that the service works on it, with these holds.
func (s *told) shows(what string, want ...string) {
	s.t.Helper()
	status, holds, actions := s.look()
	if status != "IN_PROGRESS/ACCEPTED" || !slices.Equal(holds, want) ||
		strings.Contains(actions, "RELEASE_HOLD") != (len(want) > 0) {
		s.t.Errorf("%s: it is %s with %q, and may be %s", what, status, holds, actions)
	}
}

// become waits until so much news of a command is in a state, and returns it.
func (s *told) become(verb fulfillment.Verb, state news.State, n int) []news.Item {
	s.t.Helper()
	var found []news.Item
	workertest.WaitFor(s.t, fmt.Sprintf("%d %s of %s", n, state, verb), func() bool {
		page, err := s.Store.NewsList(s.t.Context(), postgres.NewsFilter{States: []news.State{state}}, postgres.Page{})
		if err != nil {
			s.t.Fatal(err)
		}
		found = slices.DeleteFunc(page.Items, func(i news.Item) bool { return i.Verb != verb })
		return len(found) == n
	})
	return found
}

// topics are those that were heard of the fulfillment order's holds.
func (s *told) topics() []string {
	s.t.Helper()
	rows, err := s.SQL().Query(s.t.Context(), `SELECT topic FROM events WHERE fulfillment_order_id = $1
		AND topic LIKE '%hold%' ORDER BY sequence, place`, s.id)
	if err != nil {
		s.t.Fatal(err)
	}
	defer rows.Close()
	var topics []string
	for rows.Next() {
		var topic string
		if err := rows.Scan(&topic); err != nil {
			s.t.Fatal(err)
		}
		topics = append(topics, topic)
	}
	return topics
}

// TestShipBobSaysWhyItDoesNotShip: what ShipBob holds is seen until it ships.
func TestShipBobSaysWhyItDoesNotShip(t *testing.T) {
	t.Parallel()
	bob := shipbobtest.New(nil)
	t.Cleanup(bob.Close)
	s := newTold(t, shipbob.Entry(&shipbob.Environment{URL: bob.URL, SandboxURL: bob.URL}),
		fulfillment.Service{Name: "ShipBob"},
		map[string]string{"SHIPBOB_TOKEN": shipbobtest.Token, "SHIPBOB_WEBHOOK_SECRET": shipbobtest.WebhookSecret})
	reference := provider.PathKey(s.Load(s.id).RequestKey)
	shipment := bob.Shipments(reference)[0]
	// looks has it asked until the news has come: ShipBob is asked once a minute.
	looks := func(what string, ok func(*fulfillment.FulfillmentOrder) bool) {
		t.Helper()
		s.until(what, func(fo *fulfillment.FulfillmentOrder) bool {
			if _, err := s.SQL().Exec(t.Context(), `UPDATE news_polls SET next_at = least(next_at, now())
				WHERE asked_at < now() - interval '5 seconds'`); err != nil {
				t.Fatal(err)
			}
			return ok(fo)
		})
	}
	held := func(n int) func(*fulfillment.FulfillmentOrder) bool {
		return func(fo *fulfillment.FulfillmentOrder) bool { return len(fo.Holds) == n }
	}
	s.shows("before")
	bob.Status(reference, 0, "Exception", shipbobtest.Detail{Name: "OutOfStock", Description: "No blankets"})
	looks("held", held(1))
	s.shows("out of stock", fmt.Sprintf("INVENTORY_OUT_OF_STOCK shipbob-exception-%d ShipBob's shipment %d: "+
		"OutOfStock; No blankets", shipment, shipment))
	bob.Status(reference, 0, "OnHold", shipbobtest.Detail{Name: "IncorrectAddress"})
	looks("held for something else", func(fo *fulfillment.FulfillmentOrder) bool {
		return len(fo.Holds) == 1 && fo.Holds[0].Reason == fulfillment.HoldIncorrectAddress
	})
	s.shows("wrong address",
		fmt.Sprintf("INCORRECT_ADDRESS shipbob-hold-%d ShipBob's shipment %d: IncorrectAddress", shipment, shipment))
	bob.Status(reference, 0, "Processing")
	looks("released", held(0))
	s.shows("released")
	bob.Status(reference, 0, "OnHold")
	looks("held again", held(1))
	bob.Complete(reference, 0, "1Z9") // It does not say first that it holds nothing any more.
	looks("shipped", func(fo *fulfillment.FulfillmentOrder) bool { return fo.Status == fulfillment.StatusClosed })
	if fo := s.Load(s.id); len(fo.Holds) > 0 || len(fo.Fulfillments) != 1 {
		t.Errorf("shipped, it has %+v, %+v", fo.Holds, fo.Fulfillments)
	}
	for _, item := range s.become(fulfillment.VerbReleaseHold, news.Done, 3) {
		if item.Code != "" {
			t.Errorf("it was released with %s: %s", item.Code, item.Reason)
		}
	}
	want := strings.Repeat("fulfillment_holds/added fulfillment_holds/released ", 3)
	got := s.topics()
	slices.Sort(got) // ShipBob says in one look that one is over and another has begun.
	wanted := strings.Fields(want)
	slices.Sort(wanted)
	if !slices.Equal(got, wanted) {
		t.Errorf("heard was %q", got)
	}
}

// callbackSecret signs what the warehouse of the tests tells.
var callbackSecret = standardwebhook.NewSecret([32]byte{9})

// tell sends a callback of the warehouse, and returns how it was answered.
func (s *told) tell(message, secret, kind string, sequence int, data any) int {
	s.t.Helper()
	body, err := json.Marshal(vars{
		"type": kind, "key": provider.PathKey(s.Load(s.id).RequestKey), "sequence": sequence,
		"occurredAt": time.Now().UTC(), "data": data,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	url := strings.TrimSuffix(s.URL, gateway.Endpoint()) + "/providers/http/" + s.service.ID.String() + "/events"
	request, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	secrets, err := standardwebhook.ParseSecrets(secret)
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	if err := secrets.Sign(request.Header, message, time.Now(), body); err != nil {
		s.t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, answer.Body)
	return answer.StatusCode
}

// hears tells something that must be taken.
func (s *told) hears(kind string, sequence int, data any) {
	s.t.Helper()
	for range 2 { // It did not hear that it was heard.
		status := s.tell(fmt.Sprintf("msg_%d", sequence), callbackSecret, kind, sequence, data)
		if status != http.StatusNoContent {
			s.t.Fatalf("%s is answered %d", kind, status)
		}
	}
}

// newWarehouse is a warehouse that takes every request, and does nothing by itself.
func newWarehouse(t *testing.T) *told {
	t.Helper()
	secret := standardwebhook.NewSecret([32]byte{7})
	secrets, err := standardwebhook.ParseSecrets(secret)
	if err != nil {
		t.Fatal(err)
	}
	w, err := warehouse.New(warehouse.Config{Secrets: secrets, Never: true})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(w.Handler())
	t.Cleanup(server.Close)
	return newTold(t, httpprovider.Entry(), fulfillment.Service{Name: "Warehouse", Options: map[string]any{
		"url": server.URL, "secretName": "WAREHOUSE", "callbackSecretName": "CALLBACKS",
	}}, map[string]string{"WAREHOUSE": secret, "CALLBACKS": callbackSecret})
}

// TestAWarehouseSaysWhyItDoesNotShip: what it tells of holds is seen by whoever asks the API, whoever else signs is
// refused, and what is told twice counts once.
func TestAWarehouseSaysWhyItDoesNotShip(t *testing.T) {
	t.Parallel()
	s := newWarehouse(t)
	forged := standardwebhook.NewSecret([32]byte{1})
	hold := vars{"reason": "INVENTORY_OUT_OF_STOCK", "handle": "stock", "message": "No blankets"}
	if status := s.tell("msg_1", forged, "request.held", 1, hold); status != http.StatusUnauthorized {
		t.Errorf("who signs otherwise is answered %d", status)
	}
	s.hears("request.held", 1, hold)
	s.become(fulfillment.VerbHold, news.Done, 1)
	s.shows("held", "INVENTORY_OUT_OF_STOCK stock No blankets")
	s.hears("request.held", 2, hold) // The same once more.
	s.become(fulfillment.VerbHold, news.Done, 2)
	s.shows("held as before", "INVENTORY_OUT_OF_STOCK stock No blankets")
	s.hears("request.released", 3, vars{"handle": "stock"})
	s.become(fulfillment.VerbReleaseHold, news.Done, 1)
	s.shows("released")
	s.hears("request.held", 4, hold)
	s.become(fulfillment.VerbHold, news.Done, 3)
	s.hears("fulfillment.shipped", 5, vars{"shipmentId": "S-1", "parcels": []vars{{"trackingNumber": "T1"}}})
	s.until("shipped", func(fo *fulfillment.FulfillmentOrder) bool { return fo.Status == fulfillment.StatusClosed })
	s.hears("request.released", 6, nil)
	if item := s.become(fulfillment.VerbReleaseHold, news.Done, 2)[1]; item.Code != "" || item.Reason == "" {
		t.Errorf("a release of what is over: %+v", item)
	}
	want := strings.Fields(strings.Repeat("fulfillment_holds/added fulfillment_holds/released ", 2))
	if got := s.topics(); !slices.Equal(got, want) {
		t.Errorf("heard was %q, want %q", got, want)
	}
}

// TestAWarehousesNewsInAnyOrder: of what a warehouse counts, the older does not undo the newer, however it comes.
func TestAWarehousesNewsInAnyOrder(t *testing.T) {
	t.Parallel()
	s := newWarehouse(t)
	held := func(handle string) vars { return vars{"reason": "OTHER", "handle": handle} }
	s.hears("fulfillment.shipped", 1, vars{
		"shipmentId": "S-1", "lines": []vars{{"lineId": s.Load(s.id).Lines[0].ID.String(), "quantity": 1}},
		"parcels": []vars{{"trackingNumber": "T1"}},
	})
	s.become(fulfillment.VerbCreateFulfillment, news.Done, 1)
	s.hears("fulfillment.shipped", 4, vars{
		"shipmentId": "S-1", "revision": 2, "parcels": []vars{{"trackingNumber": "T3"}},
	})
	s.become(fulfillment.VerbUpdateTracking, news.Done, 1)
	s.hears("fulfillment.shipped", 3, vars{
		"shipmentId": "S-1", "revision": 1, "parcels": []vars{{"trackingNumber": "T2"}},
	})
	if late := s.become(fulfillment.VerbUpdateTracking, news.Done, 2); late[1].Reason == "" {
		t.Errorf("what came late was told: %+v", late[1])
	}
	if f := s.Load(s.id).Fulfillments[0]; f.Tracking[0].Number != "T3" {
		t.Errorf("the tracking is %+v", f.Tracking)
	}

	s.hears("request.held", 7, held("b"))
	s.become(fulfillment.VerbHold, news.Done, 1)
	s.hears("request.released", 6, nil) // Of what was there then.
	s.become(fulfillment.VerbReleaseHold, news.Done, 1)
	s.shows("an older release", "OTHER b <nil>")
	s.hears("request.held", 5, held("a")) // It was released since.
	s.become(fulfillment.VerbHold, news.Done, 2)
	s.shows("an older hold", "OTHER b <nil>")
	s.hears("request.released", 9, vars{"handle": "c"})
	s.hears("request.held", 8, held("c"))
	s.become(fulfillment.VerbReleaseHold, news.Done, 2)
	s.become(fulfillment.VerbHold, news.Done, 3)
	s.shows("a hold after its release", "OTHER b <nil>")
	s.hears("request.released", 10, nil)
	s.become(fulfillment.VerbReleaseHold, news.Done, 3)
	s.shows("all released")
}

// TestProgressIsKept: what a warehouse accepted is in progress, so that it is being packed changes nothing; it is told
// once, tried no more, and seen by people.
func TestProgressIsKept(t *testing.T) {
	t.Parallel()
	s := newWarehouse(t)
	before := s.Load(s.id).Sequence
	s.hears("request.progressed", 1, vars{"message": "It is being packed."})
	item := s.become("Progressed", news.Kept, 1)[0]
	if item.FulfillmentOrderID != s.id || item.NextAt != nil || item.Code != "" ||
		!strings.Contains(string(item.Payload), "It is being packed.") {
		t.Errorf("it became %+v with %s", item, item.Payload)
	}
	s.shows("in progress")
	if after := s.Load(s.id).Sequence; after != before {
		t.Errorf("the fulfillment order went from %d to %d", before, after)
	}
}

// TestCallbackWithoutAService is a problem that says what the address is.
func TestCallbackWithoutAService(t *testing.T) {
	t.Parallel()
	s := newWarehouse(t)
	url := strings.TrimSuffix(s.URL, gateway.Endpoint()) + "/providers/http"
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, _ := io.ReadAll(answer.Body)
	if answer.StatusCode != http.StatusNotFound || !strings.Contains(string(body), "/providers/PROVIDER/SERVICE") ||
		answer.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("it is answered %d %s", answer.StatusCode, body)
	}
}

// TestReturnsAreKept: no command tells of goods that came back yet, and a person sees that they did.
func TestReturnsAreKept(t *testing.T) {
	t.Parallel()
	s := newWarehouse(t)
	line := s.Load(s.id).Lines[0].ID.String()
	s.hears("return.received", 1, vars{
		"lines": []vars{{"lineId": line, "quantity": 1, "disposition": "RESTOCKED", "note": "Kim Doe, Kiel"}},
	})
	item := s.become("ReturnReceived", news.Kept, 1)[0]
	if !strings.Contains(item.Reason, "No command tells of it yet") || item.FulfillmentOrderID != s.id ||
		!strings.Contains(string(item.Payload), "RESTOCKED") || strings.Contains(string(item.Payload), "Kim") {
		t.Errorf("kept is %+v: %s", item, item.Payload)
	}
	if _, err := s.Store.ReplayNews(t.Context(), item.ID, nil); err != nil {
		t.Fatal(err)
	}
	workertest.WaitFor(t, "kept again", func() bool {
		again, err := s.Store.NewsItem(t.Context(), item.ID)
		return err == nil && again.State == news.Kept && again.Epoch > item.Epoch
	})
	s.shows("nothing follows")
}
