package easypost_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
	"packhorse/internal/provider/easypost"
	"packhorse/internal/provider/easypost/easyposttest"
	"packhorse/internal/provider/providertest"
)

func cancel(t *testing.T, p *easypost.Provider, c provider.Cancellation) provider.Answer {
	t.Helper()
	answer, err := p.Cancel(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// TestCancellations: who has the parcel decides.
func TestCancellations(t *testing.T) {
	t.Parallel()
	scan := func(status string) func(*easyposttest.Server, provider.Answer) {
		return func(s *easyposttest.Server, a provider.Answer) {
			s.Scan(a.Labels[0].TrackingNumber, easyposttest.Scan{Status: status, Detail: "status_update"})
		}
	}
	fail := func(f easyposttest.Fault) func(*easyposttest.Server, provider.Answer) {
		return func(s *easyposttest.Server, _ provider.Answer) { s.Fail(easyposttest.Refund, f, 1) }
	}
	for name, test := range map[string]struct {
		before func(*easyposttest.Server, provider.Answer)
		want   fulfillment.Outcome
		says   string
		void   bool
	}{
		"label_unused":     {nil, fulfillment.OutcomeAccepted, "", true},
		"announced_only":   {scan("pre_transit"), fulfillment.OutcomeAccepted, "", true},
		"on_its_way":       {scan("in_transit"), fulfillment.OutcomeRejected, "in_transit", false},
		"delivered":        {scan("delivered"), fulfillment.OutcomeRejected, "delivered", false},
		"refund_is_denied": {fail(easyposttest.Fault{Status: 422, Code: "SHIPMENT.REFUND.FAILURE", Words: "Too late."}), fulfillment.OutcomeRejected, "Too late.", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := easyposttest.New(t)
			p := newProvider(t, server, nil, options())
			r := providertest.Request("a")
			created := create(t, p, r)
			if test.before != nil {
				test.before(server, created)
			}
			answer := cancel(t, p, cancellationOf(r))
			if answer.Outcome != test.want || !strings.Contains(answer.Message, test.says) {
				t.Errorf("answered %+v", answer)
			}
			if void := server.Shipments()[0].RefundStatus == "submitted"; void != test.void {
				t.Errorf("the label is void: %t", void)
			}
			found, err := p.Lookup(t.Context(), queryOf(r))
			if err != nil || len(found) != 1 || (found[0].Answer.Outcome == fulfillment.OutcomeRejected) != test.void {
				t.Errorf("looked up, the request is %+v, %v", found, err)
			}
		})
	}
}

// TestCancellationWithoutAnswerIsRepeated: a refund that got no answer is asked for again, and is one.
func TestCancellationWithoutAnswerIsRepeated(t *testing.T) {
	t.Parallel()
	for _, fault := range faults {
		server := easyposttest.New(t)
		p := impatient(t, server, &easypost.MemoryLedger{}, options())
		r := providertest.Request("a")
		create(t, p, r)
		if fault.Code == "SHIPMENT.POSTAGE.NO_RESPONSE" {
			continue // Only purchases are answered so.
		}
		server.Fail(easyposttest.Refund, fault, 1)
		_, err := p.Cancel(t.Context(), cancellationOf(r))
		if provider.Classify(err) != provider.Retryable {
			t.Errorf("%s: %v, want a retryable error", fault, err)
		}
		if answer := cancel(t, p, cancellationOf(r)); answer.Outcome != fulfillment.OutcomeAccepted {
			t.Errorf("%s: again: %+v", fault, answer)
		}
	}
}

// TestPartOfTheParcelsIsOnItsWay: nothing is given back of an order of which a parcel has left.
func TestPartOfTheParcelsIsOnItsWay(t *testing.T) {
	t.Parallel()
	server := easyposttest.New(t)
	o := options()
	o.MaxParcelGrams = 400
	p := newProvider(t, server, nil, o)
	r := providertest.Request("a")
	created := create(t, p, r)
	server.Scan(created.Labels[1].TrackingNumber, easyposttest.Scan{Status: "in_transit"})
	if answer := cancel(t, p, cancellationOf(r)); answer.Outcome != fulfillment.OutcomeRejected {
		t.Errorf("answered %+v", answer)
	}
	if server.Calls(easyposttest.Refund) != 0 {
		t.Error("a refund was asked for")
	}
}

// TestPartOfTheParcelsIsRefused: what is half done a person must settle.
func TestPartOfTheParcelsIsRefused(t *testing.T) {
	t.Parallel()
	server := easyposttest.New(t)
	o := options()
	o.MaxParcelGrams = 400
	p := newProvider(t, server, nil, o)
	r := providertest.Request("a")
	create(t, p, r)
	server.Fail(easyposttest.Refund, easyposttest.Fault{Status: 422, Code: "SHIPMENT.REFUND.FAILURE"}, 1)
	answer := cancel(t, p, cancellationOf(r))
	if answer.Outcome != fulfillment.OutcomeParked || !strings.Contains(answer.Message, server.Shipments()[0].ID) {
		t.Errorf("answered %+v", answer)
	}
}

// TestOrderThatCantGoWholeCostsNothing: a label that was bought before another one is refused is given back.
func TestOrderThatCantGoWholeCostsNothing(t *testing.T) {
	t.Parallel()
	for name, ledger := range ledgers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := easyposttest.New(t)
			o := options()
			o.MaxParcelGrams = 400
			p := newProvider(t, server, ledger(t), o)
			r := providertest.Request("a")
			server.Fail(easyposttest.Buy, easyposttest.Fault{Status: 503}, 1)
			if _, err := p.Create(t.Context(), r); err == nil {
				t.Fatal("it was answered")
			}
			create := func() provider.Answer {
				answer, err := p.Create(t.Context(), r)
				if err != nil {
					t.Fatal(err)
				}
				return answer
			}
			// The first parcel's label is bought, the second one's is refused for its address.
			arrived, release := server.HoldSales()
			done := make(chan provider.Answer)
			go func() { done <- create() }()
			<-arrived
			server.Fail(easyposttest.Buy, easyposttest.Fault{Status: 422, Code: "ADDRESS.VERIFY.FAILURE", Words: "No."}, 1)
			release()
			answer := <-done
			if answer.Outcome != fulfillment.OutcomeRejected || answer.Reason != "INCORRECT_ADDRESS" {
				t.Errorf("answered %+v", answer)
			}
			shipments := server.Shipments()
			if server.Labels() != 1 || shipments[0].RefundStatus != "submitted" || shipments[1].Bought() {
				t.Errorf("the shipments are %+v", shipments)
			}
			if again := create(); again.Outcome != answer.Outcome || again.Message != answer.Message || server.Labels() != 1 {
				t.Errorf("asked again: %+v", again)
			}
		})
	}
}

// TestRefundsEndDaysLater: whether the money comes back is seen by asking, and kept.
func TestRefundsEndDaysLater(t *testing.T) {
	t.Parallel()
	for name, refuse := range map[string]bool{"refunded": false, "rejected": true} {
		for kind, open := range ledgers {
			t.Run(name+"/"+kind, func(t *testing.T) {
				t.Parallel()
				server, ledger := easyposttest.New(t), open(t)
				p := newProvider(t, server, ledger, options())
				r := providertest.Request("a")
				created := create(t, p, r)
				if answer := cancel(t, p, cancellationOf(r)); answer.Outcome != fulfillment.OutcomeAccepted {
					t.Fatalf("answered %+v", answer)
				}
				if refuse {
					server.RefuseRefunds()
				}
				status := func() string {
					_, parcel, there, err := ledger.OfShipment(t.Context(), created.Reference, "")
					if err != nil || !there {
						t.Fatalf("the parcel is there: %t, %v", there, err)
					}
					return parcel.RefundStatus
				}
				var told []provider.News
				cursor := poll(t, p, "", &told)
				for status() == "submitted" && server.Now().Before(easyposttest.Began.AddDate(0, 0, 60)) {
					server.Advance(24 * time.Hour)
					cursor = poll(t, p, cursor, &told)
				}
				took, notices := server.Now().Sub(easyposttest.Began), noticesIn(told)
				if !refuse && len(notices) != 0 {
					t.Errorf("a refund that came through is told as %+v", notices)
				}
				if refuse && (len(notices) != 1 || notices[0].About.FulfillmentOrderID != r.FulfillmentOrderID ||
					notices[0].Notice.Kind != provider.RefundRefused ||
					!strings.Contains(notices[0].Notice.Message, created.Reference)) {
					t.Errorf("a refused refund is told as %+v", notices)
				}
				if refuse { // Somebody may have died before it was kept: it is told again, as the same.
					server.Advance(24 * time.Hour)
					poll(t, p, "", &told)
					if again := noticesIn(told); len(again) != 2 || again[0].ID != again[1].ID {
						t.Errorf("looked at again it is told as %+v", again)
					}
				}
				if status() != name || took != 15*24*time.Hour {
					t.Errorf("after %s it is %s", took, status())
				}
			})
		}
	}
}

// noticesIn are those of the news that a person must see.
func noticesIn(told []provider.News) []provider.News {
	return slices.DeleteFunc(slices.Clone(told), func(n provider.News) bool { return n.Notice == nil })
}

// TestLabelBoughtAfterTheEndIsGivenBack: a purchase that nobody heard of, for a request that was withdrawn meanwhile.
func TestLabelBoughtAfterTheEndIsGivenBack(t *testing.T) {
	t.Parallel()
	server, ledger := easyposttest.New(t), &easypost.MemoryLedger{}
	p := impatient(t, server, ledger, options())
	r := providertest.Request("a")
	arrived, release := server.HoldSales()
	defer release()
	done := make(chan error)
	go func() {
		_, err := p.Create(t.Context(), r)
		done <- err
	}()
	<-arrived
	if err := <-done; provider.Classify(err) != provider.UnknownOutcome {
		t.Fatalf("a purchase that got no answer: %v", err)
	}
	c := cancellationOf(r)
	c.Withdraw = true
	if answer := cancel(t, p, c); answer.Outcome != fulfillment.OutcomeAccepted {
		t.Fatalf("withdrawn: %+v", answer)
	}
	release()
	for server.Labels() == 0 {
		time.Sleep(time.Millisecond)
	}
	server.Advance(7 * time.Hour)
	poll(t, p, "", nil)
	if sh := server.Shipments()[0]; sh.RefundStatus != "submitted" {
		t.Errorf("the label is not given back: %+v", sh)
	}
}

// TestLabelThatOthersGaveBack: what was refunded by somebody else, such as at EasyPost's own pages, is not accepted any
// more.
func TestLabelThatOthersGaveBack(t *testing.T) {
	t.Parallel()
	server := easyposttest.New(t)
	p := newProvider(t, server, nil, options())
	r := providertest.Request("a")
	create(t, p, r)
	answer := cancel(t, newProvider(t, server, nil, options()), cancellationOf(r))
	if answer.Outcome != fulfillment.OutcomeAccepted {
		t.Fatalf("given back: %+v", answer)
	}
	found, err := p.Lookup(t.Context(), queryOf(r))
	if err != nil || len(found) != 1 || found[0].Answer.Outcome != fulfillment.OutcomeRejected {
		t.Errorf("looked up, the request is %+v, %v", found, err)
	}
}
