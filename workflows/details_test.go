package workflows_test

import (
	"context"
	"strings"
	"testing"
	"time"

	sdkpb "go.temporal.io/api/sdk/v1"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
	"packhorse/internal/worker/workertest"
	"packhorse/workflows"
)

// currentDetails asks for what the Temporal UI shows on a run's page under User Metadata, by the query it uses.
func currentDetails(t *testing.T, s *workertest.Stack, id fulfillment.ID) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	answer, err := s.Temporal.QueryWorkflow(ctx, temporalio.FulfillmentOrderID(id), "", "__temporal_workflow_metadata")
	if err != nil {
		t.Fatalf("ask for the metadata: %v", err)
	}
	var metadata sdkpb.WorkflowMetadata
	if err := answer.Get(&metadata); err != nil {
		t.Fatalf("read the metadata: %v", err)
	}
	return metadata.CurrentDetails
}

// lineWith is the page's line that has the text.
func lineWith(t *testing.T, page, text string) string {
	t.Helper()
	for line := range strings.Lines(page) {
		if strings.Contains(line, text) {
			return line
		}
	}
	t.Fatalf("nothing on the page says %q:\n%s", text, page)
	return ""
}

// TestDetailsSayWhoseAnswerIsWaitedFor shows whom people have to ask, and since when.
func TestDetailsSayWhoseAnswerIsWaitedFor(t *testing.T) {
	t.Parallel()
	asked := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	fo := &fulfillment.FulfillmentOrder{
		OrderName: "#1", Status: fulfillment.StatusOpen, RequestStatus: fulfillment.RequestSubmitted,
		AssignedLocation: fulfillment.AssignedLocation{Name: "Kiel", ServiceID: 1, ServiceName: "Nordlicht 3PL"},
		Lines:            []fulfillment.Line{{Title: "Tent", Total: 1, Remaining: 1}},
		MerchantRequests: []fulfillment.MerchantRequest{
			{Kind: fulfillment.RequestFulfillment, Message: "before", SentAt: asked.Add(-time.Hour)},
			{Kind: fulfillment.RequestFulfillment, Message: "Please *wrap* it.", SentAt: asked},
		},
	}
	page := workflows.Details(fo, false, "")
	if line := lineWith(t, page, "Waits for"); !strings.Contains(
		line, "**Nordlicht 3PL** to answer the request, since 2026-11-27 12:00:00 UTC: “Please \\*wrap\\* it.”",
	) {
		t.Errorf("got %q", line)
	}
	if !strings.Contains(page, "1 of 1 unit to ship") || strings.Contains(page, "1 units") {
		t.Errorf("one unit is not called one:\n%s", page)
	}
	fo.Status, fo.RequestStatus = fulfillment.StatusInProgress, fulfillment.RequestCancellationRequested
	fo.MerchantRequests = append(
		fo.MerchantRequests, fulfillment.MerchantRequest{Kind: fulfillment.RequestCancellation, SentAt: asked},
	)
	if line := lineWith(t, workflows.Details(fo, false, ""), "Waits for"); !strings.Contains(
		line, "to answer the request to stop, since",
	) {
		t.Errorf("got %q", line)
	}
	fo.RequestStatus = fulfillment.RequestAccepted
	if page := workflows.Details(fo, false, ""); strings.Contains(page, "Waits for") {
		t.Errorf("nobody's answer is waited for:\n%s", page)
	}
}

// TestDetailsSayWhyAServiceWaits: what it reports of work that it has accepted is no hold of the fulfillment order.
func TestDetailsSayWhyAServiceWaits(t *testing.T) {
	t.Parallel()
	page := workflows.Details(&fulfillment.FulfillmentOrder{
		OrderName: "#1", Status: fulfillment.StatusInProgress, RequestStatus: fulfillment.RequestAccepted,
		AssignedLocation: fulfillment.AssignedLocation{Name: "Kiel", ServiceID: 1, ServiceName: "Nordlicht 3PL"},
		Holds: []fulfillment.Hold{{
			Reason: fulfillment.HoldInventoryOutOfStock, ReasonNotes: "No tents", HeldBy: fulfillment.Actor{App: "http"},
		}},
	}, false, "")
	if line := lineWith(t, page, "Waits for"); !strings.HasPrefix(
		line, "- **Waits for Nordlicht 3PL: inventory out of stock** — No tents · since",
	) || strings.Contains(page, "On hold") {
		t.Errorf("got %q on\n%s", line, page)
	}
}

// TestDetailsSayWhoMakesTheCall: a call that is due is waited for, for ever if no worker serves the provider; so the
// page says what to do then. What the provider has taken, and what is called by nobody's worker, has no such words.
func TestDetailsSayWhoMakesTheCall(t *testing.T) {
	t.Parallel()
	page := func(e fulfillment.Effect) string {
		return workflows.Details(&fulfillment.FulfillmentOrder{
			OrderName: "#1", Status: fulfillment.StatusOpen, RequestStatus: fulfillment.RequestAccepted,
			Effects: []fulfillment.Effect{e},
		}, false, "")
	}
	const words = "no worker serves http: start one whose `PACKHORSE_PROVIDERS` names it"
	for name, test := range map[string]struct {
		effect fulfillment.Effect
		says   bool
	}{
		"due":      {fulfillment.Effect{Kind: fulfillment.EffectRequest, Status: fulfillment.EffectDue, Provider: "http"}, true},
		"unknown":  {fulfillment.Effect{Kind: fulfillment.EffectCancel, Status: fulfillment.EffectUnknown, Provider: "http"}, true},
		"taken":    {fulfillment.Effect{Kind: fulfillment.EffectRequest, Status: fulfillment.EffectWaiting, Provider: "http"}, false},
		"parked":   {fulfillment.Effect{Kind: fulfillment.EffectRequest, Status: fulfillment.EffectParked, Provider: "http"}, false},
		"nobody's": {fulfillment.Effect{Kind: fulfillment.EffectReroute, Status: fulfillment.EffectDue}, false},
	} {
		if line := lineWith(t, page(test.effect), "Waits for"); strings.Contains(line, words) != test.says {
			t.Errorf("%s: %s", name, line)
		}
	}
}

func TestDetails(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	id := s.Order(s.Warehouse("Berlin").ID, 3)

	t.Run("a hold says why, since when, by whom and until when", func(t *testing.T) {
		until := in(48 * time.Hour)
		s.Send(id, &fulfillment.PlaceHold{
			Meta:   fulfillment.Meta{Actor: fulfillment.Actor{Role: fulfillment.RoleMerchant, App: "billing"}},
			Reason: fulfillment.HoldAwaitingPayment, ReasonNotes: "bank transfer", ExpiresAt: until,
		})
		s.Send(id, &fulfillment.PlaceHold{Reason: fulfillment.HoldIncorrectAddress})
		held := s.Load(id).Holds
		if len(held) != 2 {
			t.Fatalf("%d holds, want 2", len(held))
		}
		page := currentDetails(t, s, id)
		if !strings.Contains(page, " · 3 units · Berlin\n\n**ON_HOLD / UNSUBMITTED** at **Berlin**") {
			t.Errorf("the page does not begin with what it is and where it stands:\n%s", page)
		}
		for _, c := range []struct{ reason, want string }{
			{
				"On hold: Awaiting payment",
				" — bank transfer · since " + shown(held[0].HeldAt) + " · by billing · until " + shown(*until),
			},
			{
				"On hold: Incorrect address",
				" · since " + shown(held[1].HeldAt) + " · by OPERATOR · until somebody releases it",
			},
		} {
			if line := lineWith(t, page, c.reason); !strings.Contains(line, c.want) {
				t.Errorf("%s: the page says %q, want %q in it", c.reason, line, c.want)
			}
		}
	})
	t.Run("released, it speaks of no hold", func(t *testing.T) {
		s.Send(id, &fulfillment.ReleaseHold{})
		if page := currentDetails(t, s, id); strings.Contains(strings.ToLower(page), "hold") {
			t.Errorf("the page still speaks of a hold:\n%s", page)
		}
	})
	t.Run("a shipment with its number", func(t *testing.T) {
		s.Send(id, &fulfillment.CreateFulfillment{Tracking: &fulfillment.TrackingInput{Company: "UPS", Number: "1Z42"}})
		if line := lineWith(t, currentDetails(t, s, id), "UPS 1Z42"); !strings.Contains(line, "3 units") {
			t.Errorf("the shipment reads %q, want its 3 units", line)
		}
	})
}

// TestDetailsOfPrepared: who looks at a run sees that the customer is waited for, and since when.
func TestDetailsOfPrepared(t *testing.T) {
	t.Parallel()
	page := workflows.Details(&fulfillment.FulfillmentOrder{
		Status: fulfillment.StatusOpen, DeliveryMethod: fulfillment.DeliveryPickUp,
		PreparedAt: new(time.Date(2026, 3, 4, 9, 41, 0, 0, time.UTC)),
		Lines:      []fulfillment.Line{{Title: "Lamp", Total: 3, Remaining: 2, Prepared: 2}},
	}, false, "")
	if line := lineWith(t, page, "Ready"); line != "- **Ready for the customer**: 2 units since 2026-03-04 09:41:00 UTC\n" {
		t.Errorf("the page says %q", line)
	}
}

// TestDetailsAreHarmless shows that what people write can't change the page or make a link on it.
func TestDetailsAreHarmless(t *testing.T) {
	t.Parallel()
	page := workflows.Details(&fulfillment.FulfillmentOrder{
		Status: fulfillment.StatusOnHold,
		Holds: []fulfillment.Hold{{
			Reason:      fulfillment.HoldOther,
			ReasonNotes: "**loud** <script> [go](https://example.com/)\n# big \\* `code` ~~gone~~ $x$",
		}},
	}, false, "")
	const want = `\*\*loud\*\* \<script\> \[go\](https\://example.com/) \# big \\\* ` + "\\`code\\`" +
		` \~\~gone\~\~ \$x\$`
	if line := lineWith(t, page, "On hold: Other"); !strings.Contains(line, want) {
		t.Errorf("the page says %q, want %q in it", line, want)
	}
}

func TestDetailsHaveAnEnd(t *testing.T) {
	t.Parallel()
	fo := &fulfillment.FulfillmentOrder{Status: fulfillment.StatusOpen}
	for range 500 {
		fo.Lines = append(fo.Lines, fulfillment.Line{Title: strings.Repeat("*", 1000), Total: 1, Remaining: 1})
	}
	if page := workflows.Details(fo, false, ""); len(page) > 20000 {
		t.Errorf("a page has %d bytes; the server takes 20000", len(page))
	}
}

func shown(at time.Time) string { return at.UTC().Format("2006-01-02 15:04:05 MST") }

// TestDetailsOfManyThings: what was refused last stays on a page whose lists are too long for it.
func TestDetailsOfManyThings(t *testing.T) {
	t.Parallel()
	fo := &fulfillment.FulfillmentOrder{
		OrderName: "#1", Status: fulfillment.StatusOnHold,
		LastRefusal: &fulfillment.Refusal{Verb: fulfillment.VerbCancel, Message: "What to do instead"},
	}
	for range 200 {
		fo.Holds = append(fo.Holds, fulfillment.Hold{Reason: fulfillment.HoldOther, ReasonNotes: strings.Repeat("x", 255)})
		fo.Lines = append(fo.Lines, fulfillment.Line{Title: strings.Repeat("y", 255), Total: 1})
		fo.Fulfillments = append(fo.Fulfillments, fulfillment.Fulfillment{
			Tracking: []fulfillment.TrackingInfo{{Number: strings.Repeat("z", 255)}},
		})
	}
	page := workflows.Details(fo, false, "")
	for _, text := range []string{"and 180 more holds", "What to do instead"} {
		lineWith(t, page, text)
	}
	if len(page) > 20000 {
		t.Errorf("the page has %d bytes", len(page))
	}
}
