package providertest

import (
	"testing"

	"packhorse/internal/provider"
)

func testReturn(t *testing.T, p provider.Provider) {
	returner := capability[provider.Returner](t, p)
	request := Request("a")
	create(t, p, request)
	back := back(request)
	first, err := returner.CreateReturn(t.Context(), back)
	must(t, err)
	requireOutcome(t, first)
	if repeats(p) {
		second, err := returner.CreateReturn(t.Context(), back)
		must(t, err)
		requireSame(t, first, second)
		requireFound(t, p, askedBack(back, request), 1)
	}
}
