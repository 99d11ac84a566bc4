package providertest_test

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
	"packhorse/internal/provider/manual"
	"packhorse/internal/provider/providertest"
)

// Each broken provider breaks one rule of a provider that keeps all of them.
var broken = map[string]struct {
	provider func() provider.Provider
	fails    string // the test that has to find it
}{
	"malformed_id":           {func() provider.Provider { return badID{} }, "id_is_one"},
	"options_of_one_id":      {func() provider.Provider { return badOptions{} }, "options_have_unique_ids"},
	"takes_any_settings":     {func() provider.Provider { return gullible{} }, "unknown_settings_are_refused"},
	"errors_without_class":   {func() provider.Provider { return unclassified{} }, "request_whose_caller_is_gone_ends"},
	"works_for_nobody":       {func() provider.Provider { return deaf{} }, "request_whose_caller_is_gone_ends"},
	"second_effect":          {func() provider.Provider { return &doubling{} }, "request_with_the_same_key_has_one_effect"},
	"forgets_the_label":      {func() provider.Provider { return &forgetful{} }, "request_with_the_same_key_has_one_effect"},
	"finds_it_without_label": {func() provider.Provider { return careless{} }, "lookup_finds_what_was_created"},
	"says_too_much":          {func() provider.Provider { return attaching{Data: map[string]any{"log": strings.Repeat("x", 9999)}} }, "what_comes_with_an_answer_can_be_kept"},
	"tells_a_secret":         {func() provider.Provider { return attaching{Data: map[string]any{"apiKey": "k"}} }, "what_comes_with_an_answer_can_be_kept"},
	"says_what_is_no_json":   {func() provider.Provider { return attaching{Data: map[string]any{"f": func() {}}} }, "what_comes_with_an_answer_can_be_kept"},
	"label_without_number":   {func() provider.Provider { return attaching{Labels: []fulfillment.Label{{LabelURL: "label.pdf"}}} }, "what_comes_with_an_answer_can_be_kept"},
	"finds_nothing":          {func() provider.Provider { return blind{} }, "lookup_finds_what_was_created"},
	"finds_everything":       {func() provider.Provider { return seer{} }, "lookup_of_an_unknown_key_finds_nothing"},
	"no_outcome":             {func() provider.Provider { return silent{} }, "request_has_an_outcome"},
	"cancels_what_is_not":    {func() provider.Provider { return eager{} }, "cancellation_of_nothing_is_not_accepted"},
	"price_in_words":         {func() provider.Provider { return cheap{} }, "price_is_exact_decimal_text"},
	"documents_of_any_kind":  {func() provider.Provider { return muddled{} }, "documents_are_of_the_kind_asked_for"},
	"never_stops":            {func() provider.Provider { return stubborn{} }, "run_ends_when_it_is_told_to"},
	"fails_when_it_stops":    {func() provider.Provider { return sulky{} }, "run_ends_when_it_is_told_to"},
	"believes_everybody":     {func() provider.Provider { return credulous{} }, "forged_deliveries_are_refused"},
	"forgery_without_class":  {func() provider.Provider { return vague{} }, "forged_deliveries_are_refused"},
	"one_key_for_all":        {func() provider.Provider { return monotone{} }, "deliveries_have_keys_of_their_own"},
	"other_news_each_time":   {func() provider.Provider { return altered{alter: func(n *provider.News) { n.ID += rand.Text() }} }, "news_told_again_is_the_same_command"},
	"other_words_each_time": {func() provider.Provider {
		return altered{alter: func(n *provider.News) { n.Command = &fulfillment.Close{Message: rand.Text()} }}
	}, "news_told_again_is_the_same_command"},
	"news_about_nothing": {func() provider.Provider {
		return altered{alter: func(n *provider.News) { n.About = provider.Subject{} }}
	}, "news_told_again_is_the_same_command"},
	"news_for_another":  {func() provider.Provider { return altered{alter: func(n *provider.News) { n.Service = 99 }} }, "news_told_again_is_the_same_command"},
	"news_without_id":   {func() provider.Provider { return altered{alter: func(n *provider.News) { n.ID = "" }} }, "news_told_again_is_the_same_command"},
	"panics":            {func() provider.Provider { return hasty{} }, "malformed_deliveries_are_permanent_errors"},
	"swallows_the_rest": {func() provider.Provider { return indifferent{} }, "malformed_deliveries_are_permanent_errors"},
	"tries_for_ever":    {func() provider.Provider { return hopeful{} }, "malformed_deliveries_are_permanent_errors"},
}

const brokenProvider = "PROVIDERTEST_BROKEN"

// A test that can't fail is none: the suite runs on each broken provider in a process of its own, and must fail there.
func TestSuiteFindsBrokenProviders(t *testing.T) {
	t.Parallel()
	if name := os.Getenv(brokenProvider); name != "" {
		providertest.Run(t, func(*testing.T) provider.Provider { return broken[name].provider() }, deliveries()...)
		return
	}
	for name, test := range broken {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestSuiteFindsBrokenProviders$")
			cmd.Env = append(os.Environ(), brokenProvider+"="+name)
			output, err := cmd.CombinedOutput()
			var exit *exec.ExitError
			if !errors.As(err, &exit) {
				t.Fatalf("the suite ended with %v, want a failure\n%s", err, output)
			}
			if !strings.Contains(string(output), "--- FAIL: TestSuiteFindsBrokenProviders/"+test.fails) {
				t.Errorf("the suite did not fail in %s:\n%s", test.fails, output)
			}
		})
	}
}

type badID struct{ manual.Provider }

func (badID) ID() string { return "Not an ID" }

type badOptions struct{ manual.Provider }

func (badOptions) Options(context.Context) ([]provider.Option, error) {
	return []provider.Option{{ID: manual.Option, Name: "A"}, {ID: manual.Option, Name: "B"}}, nil
}

type gullible struct{ manual.Provider }

func (gullible) ValidateOption(context.Context, map[string]any) error { return nil }

type unclassified struct{ manual.Provider }

func (unclassified) Create(ctx context.Context, _ provider.Request) (provider.Answer, error) {
	return provider.Answer{Outcome: fulfillment.OutcomePending}, ctx.Err()
}

type deaf struct{ manual.Provider }

func (deaf) Create(context.Context, provider.Request) (provider.Answer, error) {
	return provider.Answer{Outcome: fulfillment.OutcomePending}, nil
}

type doubling struct {
	manual.Provider
	calls atomic.Int32
}

func (d *doubling) Create(context.Context, provider.Request) (provider.Answer, error) {
	return provider.Answer{Outcome: fulfillment.OutcomeAccepted, Reference: strings.Repeat("R", int(d.calls.Add(1)))}, nil
}

// withLabel is the answer to a request that made a label.
var withLabel = provider.Answer{Outcome: fulfillment.OutcomeAccepted, Reference: "R", Labels: []fulfillment.Label{{TrackingNumber: "1Z"}}}

type forgetful struct {
	manual.Provider
	calls atomic.Int32
}

func (f *forgetful) Create(context.Context, provider.Request) (provider.Answer, error) {
	answer := withLabel
	if f.calls.Add(1) > 1 {
		answer.Labels = nil
	}
	return answer, nil
}

type careless struct{ manual.Provider }

func (careless) Create(context.Context, provider.Request) (provider.Answer, error) {
	return withLabel, nil
}

func (careless) Lookup(context.Context, string) ([]provider.Found, error) {
	return []provider.Found{{Reference: "R", Answer: provider.Answer{Outcome: fulfillment.OutcomeAccepted, Reference: "R"}}}, nil
}

// attaching has this come with its answers.
type attaching struct {
	manual.Provider
	Labels []fulfillment.Label
	Data   map[string]any
}

func (a attaching) Create(context.Context, provider.Request) (provider.Answer, error) {
	return provider.Answer{Outcome: fulfillment.OutcomePending, Labels: a.Labels, Data: a.Data}, nil
}

type blind struct{ manual.Provider }

func (blind) Lookup(context.Context, string) ([]provider.Found, error) { return nil, nil }

type seer struct{ manual.Provider }

func (seer) Lookup(context.Context, string) ([]provider.Found, error) {
	return []provider.Found{{Answer: provider.Answer{Outcome: fulfillment.OutcomePending}}}, nil
}

type silent struct{ manual.Provider }

func (silent) Create(context.Context, provider.Request) (provider.Answer, error) {
	return provider.Answer{}, nil
}

type eager struct{ manual.Provider }

func (eager) Cancel(context.Context, provider.Cancellation) (provider.Answer, error) {
	return provider.Answer{Outcome: fulfillment.OutcomeAccepted}, nil
}

type cheap struct{ manual.Provider }

func (cheap) CanPrice(context.Context, map[string]any) bool { return true }

func (cheap) Price(context.Context, map[string]any, map[string]any, provider.Context) (provider.Price, error) {
	return provider.Price{Amount: "4,90 €", CurrencyCode: "EUR"}, nil
}

type muddled struct{ manual.Provider }

func (muddled) Documents(context.Context, string, fulfillment.DocumentKind) ([]provider.Document, error) {
	return []provider.Document{{
		Document: fulfillment.Document{Kind: fulfillment.DocumentLabel, Name: "a.pdf", ContentType: "application/pdf"}, Content: []byte("%PDF"),
	}}, nil
}
