package providertest

import (
	"testing"

	"packhorse/internal/provider"
)

func testLookup(t *testing.T, p provider.Provider) {
	finder := capability[provider.Finder](t, p)
	request := Request("a")
	created := create(t, p, request)
	create(t, p, Request("b"))
	found, err := finder.Lookup(t.Context(), asked(request))
	must(t, err)
	if len(found) != 1 {
		t.Fatalf("found %d, want 1", len(found))
	}
	if found[0].Reference != created.Reference {
		t.Errorf("found reference %q, created %q", found[0].Reference, created.Reference)
	}
	requireSame(t, created, found[0].Answer)

	cancelled, err := p.Cancel(t.Context(), cancellation(request, created.Reference))
	must(t, err)
	found, err = finder.Lookup(t.Context(), askedToStop(cancellation(request, created.Reference)))
	must(t, err)
	if len(found) != 1 {
		t.Fatalf("found %d cancellations, want 1", len(found))
	}
	requireSame(t, cancelled, found[0].Answer)
}

func testLookupUnknown(t *testing.T, p provider.Provider) {
	capability[provider.Finder](t, p)
	requireFound(t, p, asked(Request("never sent")), 0)
}
