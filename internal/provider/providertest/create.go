package providertest

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"packhorse/internal/provider"
)

func testCreate(t *testing.T, p provider.Provider) {
	answer := create(t, p, Request("a"))
	requireOutcome(t, answer)
	requireParts(t, Request("a"), answer)
}

func testAttachments(t *testing.T, p provider.Provider) {
	request := Request("a")
	answers := []provider.Answer{create(t, p, request)}
	cancelled, err := p.Cancel(t.Context(), cancellation(request, answers[0].Reference))
	must(t, err)
	answers = append(answers, cancelled)
	if returner, ok := p.(provider.Returner); ok {
		returned, err := returner.CreateReturn(t.Context(), back(request))
		must(t, err)
		answers = append(answers, returned)
	}
	for _, answer := range answers {
		requireKept(t, answer)
	}
}

func testCreateTwice(t *testing.T, p provider.Provider) {
	first := create(t, p, Request("a"))
	if !repeats(p) {
		t.Skip("the provider does not say that it can be called twice")
	}
	requireSame(t, first, create(t, p, Request("a")))
	requireFound(t, p, asked(Request("a")), 1)
}

func testOtherKeys(t *testing.T, p provider.Provider) {
	a, b := create(t, p, Request("a")), create(t, p, Request("b"))
	if a.Reference != "" && a.Reference == b.Reference {
		t.Errorf("two requests have the same reference %s", a.Reference)
	}
}

func testCreateAtOnce(t *testing.T, p provider.Provider) {
	if !repeats(p) {
		t.Skip("the provider does not say that it can be called twice")
	}
	answers := make([]provider.Answer, 8)
	errs := make([]error, len(answers))
	var group sync.WaitGroup
	for i := range answers {
		group.Go(func() { answers[i], errs[i] = p.Create(t.Context(), Request("a")) })
	}
	group.Wait()
	must(t, errors.Join(errs...))
	for _, a := range answers {
		requireSame(t, answers[0], a)
	}
	requireFound(t, p, asked(Request("a")), 1)
}

func testGone(t *testing.T, p provider.Provider) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	began := time.Now()
	_, err := p.Create(ctx, Request("a"))
	if err == nil {
		t.Error("a request whose caller is gone was answered")
	}
	requireClass(t, err)
	_, err = p.Cancel(ctx, cancellation(Request("a"), ""))
	requireClass(t, err)
	if took := time.Since(began); took > patience {
		t.Errorf("it took %s", took)
	}
}

func testComeBack(t *testing.T, p provider.Provider) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _ = p.Create(ctx, Request("a"))
	if !repeats(p) {
		t.Skip("the provider does not say that it can be called twice")
	}
	requireOutcome(t, create(t, p, Request("a")))
	requireFound(t, p, asked(Request("a")), 1)
}
