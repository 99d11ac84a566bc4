package providertest

import (
	"encoding/json"
	"errors"
	"reflect"
	"regexp"
	"slices"
	"testing"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func create(t *testing.T, p provider.Provider, r provider.Request) provider.Answer {
	t.Helper()
	answer, err := p.Create(t.Context(), r)
	must(t, err)
	return answer
}

// capability is the provider as T, which not every provider is.
func capability[T any](t *testing.T, p provider.Provider) T {
	t.Helper()
	c, ok := p.(T)
	if !ok {
		t.Skipf("the provider is no %s", reflect.TypeFor[T]().Name())
	}
	return c
}

// repeats tells whether the provider says that a call may be repeated.
func repeats(p provider.Provider) bool {
	if i, ok := p.(provider.Idempotent); ok && i.Idempotent() {
		return true
	}
	_, ok := p.(provider.Finder)
	return ok
}

func requireFound(t *testing.T, p provider.Provider, query provider.Query, want int) {
	t.Helper()
	finder, ok := p.(provider.Finder)
	if !ok {
		return
	}
	found, err := finder.Lookup(t.Context(), query)
	must(t, err)
	if len(found) != want {
		t.Errorf("%d effects under key %q, want %d", len(found), query.Key, want)
	}
}

func requireOutcome(t *testing.T, a provider.Answer) {
	t.Helper()
	outcomes := []fulfillment.Outcome{
		fulfillment.OutcomeAccepted, fulfillment.OutcomeRejected, fulfillment.OutcomePending,
	}
	if !slices.Contains(outcomes, a.Outcome) {
		t.Errorf("outcome %q is none that a provider answers: %v", a.Outcome, outcomes)
	}
	if a.Reason != "" && !slices.Contains(fulfillment.RejectionReasons, a.Reason) {
		t.Errorf("%q is not a rejection reason", a.Reason)
	}
}

// requireParts checks that an answer is about units of the request, and no more than there are.
func requireParts(t *testing.T, r provider.Request, a provider.Answer) {
	t.Helper()
	asked := make(map[fulfillment.ID]int)
	for _, l := range r.Lines {
		asked[l.LineID] = l.Quantity
	}
	if a.Accepted != nil && a.Outcome != fulfillment.OutcomeAccepted {
		t.Errorf("a request that is %s has accepted units: %+v", a.Outcome, a.Accepted)
	}
	seen, units := make(map[fulfillment.ID]bool), 0
	for _, part := range a.Accepted {
		if part.Quantity < 1 || part.Quantity > asked[part.LineID] || seen[part.LineID] {
			t.Errorf("it accepts %d units of line %d, once more or of a request for %d",
				part.Quantity, part.LineID, asked[part.LineID])
		}
		seen[part.LineID], units = true, units+part.Quantity
	}
	if a.Accepted != nil && units == 0 {
		t.Error("a request of which no unit is accepted is REJECTED, not accepted")
	}
	for _, l := range a.Lines {
		if asked[l.LineID] == 0 {
			t.Errorf("it says of the line %d, which is none of the request: %s", l.LineID, l.Message)
		}
	}
}

func requireSame(t *testing.T, first, second provider.Answer) {
	t.Helper()
	if first.Outcome != second.Outcome || first.Reference != second.Reference || first.Reason != second.Reason {
		t.Errorf("the same key was answered %s %q %s, then %s %q %s",
			first.Outcome, first.Reference, first.Reason, second.Outcome, second.Reference, second.Reason)
	}
	if a, b := first.Attachments(), second.Attachments(); !reflect.DeepEqual(a, b) {
		t.Errorf("with the same key came %+v, then %+v", a, b)
	}
}

// requireKept checks that nothing of what comes with an answer is cut: the provider would miss it later.
func requireKept(t *testing.T, a provider.Answer) {
	t.Helper()
	kept := a.Attachments()
	for _, part := range []struct {
		name       string
		said, kept any
	}{
		{"labels", a.Labels, kept.Labels},
		{"documents", listed(a.Documents), kept.Documents},
		{"data", a.Data, kept.Data},
	} {
		said, err := json.Marshal(part.said)
		if err != nil {
			t.Errorf("the %s of an answer can't be written as JSON: %v", part.name, err)
			continue
		}
		if kept, err := json.Marshal(part.kept); err != nil || !sameJSON(said, kept) {
			t.Errorf("of an answer's %s\n%.2000s\nthere is kept only (see fulfillment.Attachments)\n%.2000s",
				part.name, said, kept)
		}
	}
}

func listed(documents []provider.Document) []fulfillment.Document {
	var list []fulfillment.Document
	for _, d := range documents {
		list = append(list, d.Document)
	}
	return list
}

// sameJSON tells whether two documents mean the same. Nothing, an empty list and an empty object are the same here.
func sameJSON(a, b []byte) bool {
	var x, y any
	if json.Unmarshal(a, &x) != nil || json.Unmarshal(b, &y) != nil {
		return false
	}
	empty := func(v any) bool {
		switch v := v.(type) {
		case nil:
			return true
		case []any:
			return len(v) == 0
		case map[string]any:
			return len(v) == 0
		}
		return false
	}
	return empty(x) && empty(y) || reflect.DeepEqual(x, y)
}

// requireClass checks that an error, if there is one, says what it means for the next attempt.
func requireClass(t *testing.T, err error) {
	t.Helper()
	var e *provider.Error
	if err != nil && (!errors.As(err, &e) || e.Class == "") {
		t.Errorf("the error has no class: %v", err)
	}
}

func requirePermanent(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		t.Error("it succeeded, want a permanent error")
	} else if class := provider.Classify(err); class != provider.Permanent {
		t.Errorf("the error is %s, want PERMANENT: %v", class, err)
	}
}

var decimalText = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?$`)

func decimal(text string) bool { return decimalText.MatchString(text) }
