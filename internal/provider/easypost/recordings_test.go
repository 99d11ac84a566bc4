package easypost

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"packhorse/internal/provider"
)

// recordings is where traffic of the real EasyPost is, on machines that have it.
const recordings = "../../../../shared/data/providers/easypost"

// cassettes are the recordings that must be read, by their names.
var cassettes = strings.Fields(`
	go/TestShipmentBuy go/TestShipmentRefund go/TestRefundCreate go/TestRefundAll go/TestRefundRetrieve
	go/TestTrackerCreate go/TestTrackerRetrieve go/TestTrackerAll go/TestTrackersGetNextPage
	go/TestTrackerRetrieveBatch go/TestTrackerDelete go/TestEventAll go/TestEventRetrieve
	go/TestWebhookCreateWithSecret go/TestShipmentCreate go/TestShipmentRetrieve go/TestShipmentAll
	go/TestShipmentsGetNextPage go/TestShipmentConvertLabel go/TestShipmentRegenerateRates go/TestShipmentLowestRate
	go/TestShipmentGenerateForm go/TestShipmentCreateTaxIdentifier go/TestShipmentInsure go/TestRefundsGetNextPage
	go/TestWebhookAll go/TestWebhookUpdateWithSecret go/TestEventRetrievePayload go/TestEventRetrieveAllPayloads
	go/TestApiError go/TestApiErrorAlternativeFormat go/TestErrorInheritance
	python/test_tracker_all python/test_tracker_create python/test_tracker_delete python/test_tracker_get_next_page
	python/test_tracker_retrieve python/test_tracker_retrieve_batch python/test_error
	python/test_error_alternative_format python/test_address_verify_invalid_address
	ruby/EasyPost_Services_Tracker_all_retrieves_all_trackers ruby/EasyPost_Services_Tracker_create_creates_a_tracker
	ruby/EasyPost_Services_Tracker_delete_deletes_a_tracker
	ruby/EasyPost_Services_Tracker_get_next_page_retrieves_the_next_page_of_a_collection
	ruby/EasyPost_Services_Tracker_retrieve_retrieves_a_tracker
	ruby/EasyPost_Services_Tracker_retrieve_batch_retrieves_a_batch_of_trackers`)

// exchange is one call of a recording with its answer.
type exchange struct {
	Method, Path, Query string
	Sent                string
	Status              int
	Body                string
}

// spoken is a value that one recorder writes as it is, and the other inside of an object.
type spoken struct{ Text string }

// UnmarshalYAML takes either.
func (s *spoken) UnmarshalYAML(node *yaml.Node) error {
	var inside struct {
		String string `yaml:"string"`
	}
	if node.Kind == yaml.MappingNode {
		err := node.Decode(&inside)
		s.Text = inside.String
		return err
	}
	if node.Tag == "!!null" {
		return nil
	}
	return node.Decode(&s.Text)
}

type recordedCall struct {
	Request struct {
		Method string `yaml:"method"`
		URL    string `yaml:"url"`
		URI    string `yaml:"uri"`
		Body   spoken `yaml:"body"`
	} `yaml:"request"`
	Response struct {
		Code   int       `yaml:"code"`
		Status yaml.Node `yaml:"status"`
		Body   spoken    `yaml:"body"`
	} `yaml:"response"`
}

// exchanges reads a recording of either kind of recorder.
func exchanges(t *testing.T, name string) []exchange {
	t.Helper()
	ending := ".yaml"
	if strings.HasPrefix(name, "ruby/") {
		ending = ".yml"
	}
	body, err := os.ReadFile(filepath.Join(recordings, name+ending))
	if os.IsNotExist(err) {
		t.Skipf("the recording %s is not at hand", name)
	}
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Interactions     []recordedCall `yaml:"interactions"`
		HTTPInteractions []recordedCall `yaml:"http_interactions"`
	}
	if err := yaml.Unmarshal(body, &file); err != nil {
		t.Fatal(err)
	}
	var list []exchange
	for _, c := range append(file.Interactions, file.HTTPInteractions...) {
		at, err := url.Parse(c.Request.URL + c.Request.URI)
		if err != nil {
			t.Fatal(err)
		}
		status := c.Response.Code
		if status == 0 {
			var inside struct {
				Code int `yaml:"code"`
			}
			if err := c.Response.Status.Decode(&inside); err != nil {
				t.Fatal(err)
			}
			status = inside.Code
		}
		list = append(list, exchange{
			Method: strings.ToUpper(c.Request.Method), Path: at.Path, Query: at.RawQuery, Sent: c.Request.Body.Text,
			Status: status, Body: c.Response.Body.Text,
		})
	}
	if len(list) == 0 {
		t.Fatalf("there is nothing in %s", name)
	}
	return list
}

// replay answers one call as it was recorded, if it is that call.
func replay(t *testing.T, e exchange) client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != e.Method || r.URL.Path != e.Path || r.URL.RawQuery != e.Query {
			t.Errorf("called %s %s, recorded %s %s?%s", r.Method, r.URL, e.Method, e.Path, e.Query)
		}
		var sent, recorded struct {
			Rate struct{ ID string } `json:"rate"`
			Form struct{ Type string }
		}
		_ = json.NewDecoder(r.Body).Decode(&sent)
		_ = json.Unmarshal([]byte(e.Sent), &recorded)
		if strings.HasSuffix(e.Path, "/buy") && (sent != recorded || sent.Rate.ID == "") {
			t.Errorf("bought %+v, recorded %+v", sent, recorded)
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(e.Status)
		_, _ = w.Write([]byte(e.Body))
	}))
	t.Cleanup(server.Close)
	return client{http: server.Client(), base: server.URL + "/v2", key: "k", now: time.Now}
}

// TestRecordings: every answer of the real EasyPost is read, with all that counts in it.
func TestRecordings(t *testing.T) {
	t.Parallel()
	for _, name := range cassettes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for i, e := range exchanges(t, name) {
				t.Run(fmt.Sprint(i+1), func(t *testing.T) { read1(t, replay(t, e), e) })
			}
		})
	}
}

// read1 makes the call of a recording with the client, where it has such a call, and compares.
func read1(t *testing.T, c client, e exchange) {
	parts := strings.Split(strings.TrimPrefix(e.Path, "/v2/"), "/")
	var raw any
	if err := json.Unmarshal([]byte(e.Body), &raw); err != nil {
		t.Fatal(err)
	}
	if e.Status >= 300 {
		var answer struct{}
		var no *apiError
		if err := c.call(t.Context(), e.Method, strings.TrimPrefix(e.Path, "/v2"), nil, &answer); !errors.As(err, &no) ||
			no.Code == "" || no.Message == "" || no.Status != e.Status {
			t.Errorf("the error is read as %v", err)
		} else if v := judge(opCreate, no, false); v.answer == nil && v.err.Class != provider.Permanent {
			t.Errorf("it comes to %+v", v)
		}
		return
	}
	object, _ := raw.(map[string]any)
	path := strings.TrimPrefix(e.Path, "/v2")
	if e.Query != "" {
		path += "?" + e.Query
	}
	switch {
	case parts[0] == "shipments" && object["shipments"] != nil:
		var answer struct{ Shipments list[shipment] }
		must(t, c.call(t.Context(), e.Method, path, nil, &answer))
		for i, s := range object["shipments"].([]any) {
			sameShipment(t, answer.Shipments[i], s.(map[string]any))
		}
	case parts[0] == "shipments" && len(parts) == 3 && parts[2] == "rerate":
		rates, err := c.rerate(t.Context(), parts[1])
		must(t, err)
		if want := object["rates"].([]any); len(rates) != len(want) || rates[0].ID == "" {
			t.Errorf("read %+v", rates)
		}
	case parts[0] == "shipments":
		s, err := callShipment(t, c, e, parts)
		must(t, err)
		sameShipment(t, s, object)
	case parts[0] == "trackers" && object["trackers"] != nil:
		var answer struct{ Trackers list[tracker] }
		must(t, c.call(t.Context(), e.Method, path, nil, &answer))
		for i, tr := range object["trackers"].([]any) {
			sameTracker(t, answer.Trackers[i], tr.(map[string]any))
		}
	case parts[0] == "trackers" && e.Method == http.MethodPost:
		tr, err := c.createTracker(t.Context(), "EZ1000000001", "")
		must(t, err)
		sameTracker(t, tr, object)
	case parts[0] == "trackers" && e.Method == http.MethodGet:
		var tr tracker
		must(t, c.call(t.Context(), e.Method, path, nil, &tr))
		sameTracker(t, tr, object)
	case parts[0] == "events" && object["description"] != nil:
		// An event that is read has no result: it is no news, and no error.
		p, err := New(Config{Ledger: &MemoryLedger{}})
		must(t, err)
		news, err := p.Read(t.Context(), provider.Delivery{Service: 7, Body: []byte(e.Body)})
		if err != nil || len(news) != 0 {
			t.Errorf("read %v, %v", news, err)
		}
	default: // What the provider never asks for must not break it, either.
		var answer any
		must(t, c.call(t.Context(), e.Method, path, nil, &answer))
	}
}

func callShipment(t *testing.T, c client, e exchange, parts []string) (shipment, error) {
	var sent struct {
		Rate struct{ ID string }
		Form struct{ Type string }
	}
	_ = json.Unmarshal([]byte(e.Sent), &sent)
	what := ""
	if len(parts) > 2 {
		what = parts[2]
	}
	switch {
	case len(parts) == 1:
		return c.createShipment(t.Context(), newShipment{})
	case what == "buy":
		return c.buy(t.Context(), parts[1], sent.Rate.ID)
	case what == "refund":
		return c.refund(t.Context(), parts[1])
	case what == "label":
		return c.convertLabel(t.Context(), parts[1], strings.TrimPrefix(e.Query, "file_format="))
	case what == "forms":
		return c.createForm(t.Context(), parts[1], sent.Form.Type)
	case what == "":
		return c.shipment(t.Context(), parts[1])
	}
	var s shipment
	return s, c.call(t.Context(), e.Method, "/shipments/"+parts[1]+"/"+what, nil, &s)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// said is a text of an object, empty for null.
func said(object map[string]any, name string) string {
	value, _ := object[name].(string)
	return value
}

func sameShipment(t *testing.T, s shipment, object map[string]any) {
	t.Helper()
	rates, _ := object["rates"].([]any)
	forms, _ := object["forms"].([]any)
	if string(s.ID) != said(object, "id") || s.bought() != (object["postage_label"] != nil) || len(s.Rates) != len(rates) ||
		s.trackingCode() != said(object, "tracking_code") || string(s.RefundStatus) != said(object, "refund_status") ||
		len(s.Forms) != len(forms) {
		t.Errorf("shipment %s is read as %+v", said(object, "id"), s)
	}
	if len(s.Rates) > 0 {
		lowest, why, err := DefaultOptions().choose(s.Rates)
		if err != nil || why != "" {
			t.Errorf("of its rates none is chosen: %s, %v", why, err)
		}
		for _, r := range rates {
			if r := r.(map[string]any); said(r, "id") == string(lowest.ID) && said(r, "rate") != string(lowest.Rate) {
				t.Errorf("the rate %v is read as %+v", r, lowest)
			}
		}
	}
	if s.bought() {
		if purchase := purchaseOf(s, time.Time{}); purchase.TrackingCode == "" || purchase.TrackingURL == "" ||
			purchase.Carrier != "USPS" || purchase.At.Year() < 2020 || labelURL(s.label(), "PNG") == "" {
			t.Errorf("its purchase is read as %+v", purchase)
		}
		sameTracker(t, s.tracker(), object["tracker"].(map[string]any))
	}
}

func sameTracker(t *testing.T, tr tracker, object map[string]any) {
	t.Helper()
	details, _ := object["tracking_details"].([]any)
	if string(tr.ID) != said(object, "id") || string(tr.Status) != said(object, "status") || len(tr.Details) != len(details) ||
		string(tr.TrackingCode) != said(object, "tracking_code") || tr.ID == "" {
		t.Errorf("tracker %s is read as %+v", said(object, "id"), tr)
	}
	news := tracked(tr, provider.Subject{TrackingNumber: string(tr.TrackingCode)}, 7)
	if (len(news) > 0) != (eventStatus(string(tr.Status), string(tr.StatusDetail), true) != "") {
		t.Errorf("tracker %s with the status %s tells %d pieces of news", tr.ID, tr.Status, len(news))
	}
	for _, d := range tr.Details {
		if moment(d.Datetime).IsZero() {
			t.Errorf("the time %q is not read", d.Datetime)
		}
	}
}

// TestRecordedEvents: the samples of deliveries that EasyPost publishes tell what happened to their parcels.
func TestRecordedEvents(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]int{
		"official_fixtures_event-body":                                       7,
		"official_guides_tracking-guide_json_tracking-webhook":               -1,
		"official_landing_pages_tracking_webhooks_tracking_webhook_response": -1,
		"official_guides_webhooks-guide_event_post_json_example":             0,
		"official_guides_batch-guide_json_batch-webhooks":                    0,
		"official_guides_manifest-guide_webhook_post_example":                0,
		"official_guides_webhooks-guide_event_event_example":                 0,
	} {
		body, err := os.ReadFile(filepath.Join(recordings, "examples", name+".json"))
		if os.IsNotExist(err) {
			t.Skip("the samples are not at hand")
		}
		must(t, err)
		p, err := New(Config{Ledger: &MemoryLedger{}})
		must(t, err)
		news, err := p.Read(t.Context(), provider.Delivery{Service: 7, Body: body})
		if err != nil || want >= 0 && len(news) != want || want < 0 && len(news) == 0 {
			t.Errorf("%s tells %d pieces of news, %v; want %d", name, len(news), err, want)
		}
	}
}
