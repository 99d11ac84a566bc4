package easypost_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
	"packhorse/internal/provider/easypost"
	"packhorse/internal/provider/easypost/easyposttest"
	"packhorse/internal/provider/providertest"
)

// impatient is a provider whose calls end soon, so that time-outs are tested quickly.
func impatient(
	t *testing.T, server *easyposttest.Server, ledger easypost.Ledger, o easypost.Options,
) *easypost.Provider {
	t.Helper()
	p, err := easypost.New(easypost.Config{
		URL: server.URL, Ledger: ledger, Secrets: secrets, Defaults: &o, Now: server.Now, Logger: discard,
		Timeout: 150 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// insist makes a call as Packhorse does, until there is an answer.
func insist(
	t *testing.T, p provider.Provider, query provider.Query, send func(context.Context) (provider.Answer, error),
) provider.Answer {
	t.Helper()
	var errs []error
	for n := range 8 {
		answer, err := provider.Call(t.Context(), p, provider.Attempt{Query: query, First: n == 0}, send)
		if err == nil {
			return answer
		}
		if provider.Classify(err) == provider.Permanent {
			t.Fatalf("attempt %d: %v", n+1, err)
		}
		errs = append(errs, err)
	}
	t.Fatalf("there is no answer: %v", errors.Join(errs...))
	return provider.Answer{}
}

func insistOn(t *testing.T, p *easypost.Provider, r provider.Request) provider.Answer {
	t.Helper()
	return insist(t, p, queryOf(r), func(ctx context.Context) (provider.Answer, error) { return p.Create(ctx, r) })
}

// faults are the ways in which a call gets no answer, or none that helps.
var faults = []easyposttest.Fault{
	{Reset: true}, {Reset: true, After: true}, {Hang: true}, {Hang: true, After: true}, {Cut: true},
	{Status: 500}, {Status: 502, After: true}, {Status: 503}, {Status: 504, After: true},
	{Status: 429, Code: "RATE_LIMITED"}, {Status: 422, Code: "SHIPMENT.POSTAGE.NO_RESPONSE", After: true},
}

// TestOneLabelWhateverFails: each call that a request needs fails in each way, once and three times, and one label is
// bought for each parcel.
func TestOneLabelWhateverFails(t *testing.T) {
	t.Parallel()
	single, several := options(), options()
	single.LabelFormat, single.Forms = "ZPL", []string{"commercial_invoice"}
	several.MaxParcelGrams = 400
	for parcels, o := range map[int]easypost.Options{1: single, 2: several} {
		for _, call := range []easyposttest.Call{
			easyposttest.Create, easyposttest.Buy, easyposttest.Get, easyposttest.CreateForm,
		} {
			for _, fault := range faults {
				for _, times := range []int{1, 3} {
					t.Run(fmt.Sprintf("%d_parcels/%s/%s/%d", parcels, call, fault, times), func(t *testing.T) {
						t.Parallel()
						server := easyposttest.New(t)
						if call == easyposttest.Get { // Which is called only in doubt.
							server.Fail(easyposttest.Buy, easyposttest.Fault{Reset: true, After: true}, 1)
						}
						server.Fail(call, fault, times)
						p := impatient(t, server, &easypost.MemoryLedger{}, o)
						r := providertest.Request("a")
						answer := insistOn(t, p, r)
						requireBought(t, server, answer, parcels)
						again := insistOn(t, p, r)
						if again.Reference != answer.Reference || server.Labels() != parcels {
							t.Errorf("asked again, the answer is %+v with %d labels", again, server.Labels())
						}
					})
				}
			}
		}
	}
}

func insistOnReturn(t *testing.T, p *easypost.Provider, r provider.ReturnRequest) provider.Answer {
	t.Helper()
	return insist(t, p, provider.Query{
		Key: r.Key, Kind: fulfillment.EffectReturn, RequestKey: r.Key, ServiceID: r.ServiceID,
	}, func(ctx context.Context) (provider.Answer, error) { return p.CreateReturn(ctx, r) })
}

func requireBought(t *testing.T, server *easyposttest.Server, answer provider.Answer, parcels int) {
	t.Helper()
	if answer.Outcome != fulfillment.OutcomeAccepted || len(answer.Labels) != parcels || server.Labels() != parcels {
		t.Fatalf("%d labels were sold for %d parcels; the answer is %+v", server.Labels(), parcels, answer)
	}
	for i, l := range answer.Labels {
		if l.TrackingNumber == "" || l.LabelURL == "" || l.TrackingURL == "" {
			t.Errorf("label %d is %+v", i, l)
		}
	}
}

// returned is the way back of what a request ships.
func returned(r provider.Request) provider.ReturnRequest {
	return provider.ReturnRequest{
		Key: r.Key + "/return", FulfillmentOrderID: r.FulfillmentOrderID, OrderName: r.OrderName, ServiceID: r.ServiceID,
		ServiceOptions: r.ServiceOptions, Lines: r.Lines, PickUpFrom: r.Destination,
	}
}

// TestOneReturnLabelWhateverFails: a return buys labels as a request does, and no more of them.
func TestOneReturnLabelWhateverFails(t *testing.T) {
	t.Parallel()
	several := options()
	several.MaxParcelGrams = 400
	for parcels, o := range map[int]easypost.Options{1: options(), 2: several} {
		for _, call := range []easyposttest.Call{easyposttest.Create, easyposttest.Buy, easyposttest.Get} {
			for _, fault := range faults {
				for _, times := range []int{1, 3} {
					t.Run(fmt.Sprintf("%d_parcels/%s/%s/%d", parcels, call, fault, times), func(t *testing.T) {
						t.Parallel()
						server := easyposttest.New(t)
						if call == easyposttest.Get { // Which is called only in doubt.
							server.Fail(easyposttest.Buy, easyposttest.Fault{Reset: true, After: true}, 1)
						}
						server.Fail(call, fault, times)
						p := impatient(t, server, &easypost.MemoryLedger{}, o)
						r := returned(providertest.Request("a"))
						answer := insistOnReturn(t, p, r)
						requireBought(t, server, answer, parcels)
						again := insistOnReturn(t, p, r)
						if again.Reference != answer.Reference || server.Labels() != parcels {
							t.Errorf("asked again, the answer is %+v with %d labels", again, server.Labels())
						}
					})
				}
			}
		}
	}
}

// TestOneReturnLabelWhereverTheWorkerDies: a return of two parcels, with a worker that dies at each of its writes.
func TestOneReturnLabelWhereverTheWorkerDies(t *testing.T) {
	t.Parallel()
	o := options()
	o.MaxParcelGrams = 400
	for _, after := range []bool{false, true} {
		for at := 1; ; at++ {
			server := easyposttest.New(t)
			ledger := &crashing{Ledger: &easypost.MemoryLedger{}, after: after}
			ledger.at.Store(int32(at))
			p := newProvider(t, server, ledger, o)
			requireBought(t, server, insistOnReturn(t, p, returned(providertest.Request("a"))), 2)
			if int(ledger.calls.Load()) < at {
				break // No write is left to die at.
			}
		}
	}
}

// crashing is a ledger whose worker dies at one of its calls: before it is written, or after.
type crashing struct {
	easypost.Ledger
	at, calls atomic.Int32
	after     bool
}

var errCrash = errors.New("the worker died")

func crashed[T any](l *crashing, do func() (T, error)) (T, error) {
	var nothing T
	if l.calls.Add(1) != l.at.Load() {
		return do()
	}
	if l.after {
		_, _ = do()
	}
	return nothing, errCrash
}

func (l *crashing) Begin(ctx context.Context, c easypost.Call) (easypost.Call, error) {
	return crashed(l, func() (easypost.Call, error) { return l.Ledger.Begin(ctx, c) })
}

func (l *crashing) Made(ctx context.Context, key string, n int, id string) (string, error) {
	return crashed(l, func() (string, error) { return l.Ledger.Made(ctx, key, n, id) })
}

func (l *crashing) Bought(ctx context.Context, key string, n int, p easypost.Purchase) (*provider.Answer, error) {
	return crashed(l, func() (*provider.Answer, error) { return l.Ledger.Bought(ctx, key, n, p) })
}

func (l *crashing) End(ctx context.Context, c easypost.Call, a provider.Answer) (provider.Answer, error) {
	return crashed(l, func() (provider.Answer, error) { return l.Ledger.End(ctx, c, a) })
}

func (l *crashing) Cancel(
	ctx context.Context, key, requestKey string, a provider.Answer, ended *provider.Answer,
) (provider.Answer, error) {
	return crashed(l, func() (provider.Answer, error) { return l.Ledger.Cancel(ctx, key, requestKey, a, ended) })
}

func (l *crashing) Refund(ctx context.Context, id int64, status string) error {
	_, err := crashed(l, func() (any, error) { return nil, l.Ledger.Refund(ctx, id, status) })
	return err
}

// TestOneLabelWhereverTheWorkerDies: a request and its cancellation, of two parcels, with a worker that dies at each of
// its writes.
func TestOneLabelWhereverTheWorkerDies(t *testing.T) {
	t.Parallel()
	o := options()
	o.MaxParcelGrams = 400
	for _, after := range []bool{false, true} {
		for at := 1; ; at++ {
			server := easyposttest.New(t)
			ledger := &crashing{Ledger: &easypost.MemoryLedger{}, after: after}
			ledger.at.Store(int32(at))
			p := newProvider(t, server, ledger, o)
			r := providertest.Request("a")
			requireBought(t, server, insistOn(t, p, r), 2)
			c := cancellationOf(r)
			answer := insist(t, p, provider.Query{
				Key: c.Key, Kind: fulfillment.EffectCancel, RequestKey: r.Key, ServiceID: r.ServiceID,
			}, func(ctx context.Context) (provider.Answer, error) { return p.Cancel(ctx, c) })
			if answer.Outcome != fulfillment.OutcomeAccepted || server.Labels() != 2 {
				t.Fatalf("write %d, after %t: the cancellation is answered %+v", at, after, answer)
			}
			for _, sh := range server.Shipments() {
				if sh.Bought() && sh.RefundStatus != "submitted" {
					t.Errorf("write %d, after %t: the label of %s is not void", at, after, sh.ID)
				}
			}
			if int(ledger.calls.Load()) < at {
				break // No write is left to die at.
			}
		}
	}
}

// TestSaleUnderWayIsWaitedFor: EasyPost is selling the label to a call that its caller gave up; the next call waits for
// it and adopts it.
func TestSaleUnderWayIsWaitedFor(t *testing.T) {
	t.Parallel()
	server := easyposttest.New(t)
	p := newProvider(t, server, nil, options())
	r := providertest.Request("a")
	arrived, release := server.HoldSales()
	defer release()
	type result struct {
		answer provider.Answer
		err    error
	}
	results := make(chan result, 2)
	for range 2 {
		go func() {
			answer, err := p.Create(t.Context(), r)
			results <- result{answer, err}
		}()
	}
	<-arrived
	for server.Calls(easyposttest.Buy) < 2 || server.Calls(easyposttest.Get) < 2 { // The other one is told to wait.
		time.Sleep(time.Millisecond)
	}
	release()
	one, other := <-results, <-results
	if one.err != nil || other.err != nil || one.answer.Reference != other.answer.Reference {
		t.Fatalf("%+v and %+v", one, other)
	}
	requireBought(t, server, one.answer, 1)
}

// TestWithdrawnWhileItIsBought: a label that is sold to a request which is withdrawn meanwhile is given back, by the
// request itself.
func TestWithdrawnWhileItIsBought(t *testing.T) {
	t.Parallel()
	server := easyposttest.New(t)
	p := newProvider(t, server, nil, options())
	r := providertest.Request("a")
	arrived, release := server.HoldSales()
	defer release()
	answers := make(chan provider.Answer, 1)
	go func() {
		answer, err := p.Create(t.Context(), r)
		if err != nil {
			t.Error(err)
		}
		answers <- answer
	}()
	<-arrived
	c := cancellationOf(r)
	c.Withdraw = true
	withdrawn, err := p.Cancel(t.Context(), c)
	if err != nil || withdrawn.Outcome != fulfillment.OutcomeAccepted {
		t.Fatalf("withdrawn: %+v, %v", withdrawn, err)
	}
	release()
	if answer := <-answers; answer.Outcome != fulfillment.OutcomeRejected {
		t.Errorf("the request is answered %+v", answer)
	}
	if sh := server.Shipments()[0]; !sh.Bought() || sh.RefundStatus != "submitted" {
		t.Errorf("the shipment is %+v", sh)
	}
}

// TestWithdrawnBeforeItArrives: a request that comes after its withdrawal buys nothing.
func TestWithdrawnBeforeItArrives(t *testing.T) {
	t.Parallel()
	for name, ledger := range ledgers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := easyposttest.New(t)
			p := newProvider(t, server, ledger(t), options())
			r := providertest.Request("a")
			c := cancellationOf(r)
			c.Withdraw = true
			withdrawn, err := p.Cancel(t.Context(), c)
			if err != nil || withdrawn.Outcome != fulfillment.OutcomeAccepted {
				t.Fatalf("withdrawn: %+v, %v", withdrawn, err)
			}
			if answer := create(t, p, r); answer.Outcome != fulfillment.OutcomeRejected || server.Labels() != 0 {
				t.Errorf("%d labels, the answer is %+v", server.Labels(), answer)
			}
		})
	}
}

// TestLedgerSetBack: a ledger that has forgotten a purchase finds it again by the reference.
func TestLedgerSetBack(t *testing.T) {
	t.Parallel()
	server := easyposttest.New(t)
	r := providertest.Request("fulfillment-order/7#12")
	first := create(t, newProvider(t, server, nil, options()), r)
	forgetful := newProvider(t, server, nil, options())
	found, err := forgetful.Lookup(t.Context(), queryOf(r))
	if err != nil || len(found) != 1 || found[0].Reference != first.Reference || len(found[0].Answer.News) != 2 {
		t.Fatalf("found %+v, %v; want %s", found, err, first.Reference)
	}
	if again := create(t, forgetful, r); again.Reference != first.Reference || server.Labels() != 1 {
		t.Errorf("%d labels; the answer is %+v", server.Labels(), again)
	}
	if sh := server.Shipments()[0]; sh.Reference != "fo-7-12" {
		t.Errorf("the shipment is called %q", sh.Reference)
	}
}

// TestLedgerSetBackSeveralParcels: what is in each of several parcels nobody knows any more, so a person must look.
func TestLedgerSetBackSeveralParcels(t *testing.T) {
	t.Parallel()
	server := easyposttest.New(t)
	o := options()
	o.MaxParcelGrams = 400
	r := providertest.Request("fulfillment-order/7#12")
	create(t, newProvider(t, server, nil, o), r)
	_, err := newProvider(t, server, nil, o).Lookup(t.Context(), queryOf(r))
	if provider.Classify(err) != provider.Permanent || server.Shipments()[1].Reference != "fo-7-12-2" {
		t.Errorf("looked up: %v", err)
	}
}

// TestOldRatesAreAskedAnew: a label that is bought long after its shipment was made is bought at a rate of the day.
func TestOldRatesAreAskedAnew(t *testing.T) {
	t.Parallel()
	server := easyposttest.New(t)
	p := newProvider(t, server, nil, options())
	r := providertest.Request("a")
	server.Fail(easyposttest.Buy, easyposttest.Fault{Status: 503}, 1)
	if _, err := p.Create(t.Context(), r); provider.Classify(err) != provider.UnknownOutcome {
		t.Fatalf("a purchase that got no answer: %v", err)
	}
	server.Advance(2 * time.Hour)
	requireBought(t, server, insistOn(t, p, r), 1)
	if server.Calls(easyposttest.Rerate) != 1 {
		t.Errorf("rates were asked anew %d times", server.Calls(easyposttest.Rerate))
	}
}
