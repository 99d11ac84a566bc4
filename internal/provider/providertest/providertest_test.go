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

// Each broken provider breaks one rule of a provider that keeps all of them. It is made anew for each test.
var broken = map[string]struct {
	fails    string // the test that has to find it
	provider func() provider.Provider
}{
	"accepts_more_than_it_was_asked": {"request_has_an_outcome", func() provider.Provider {
		return accepts(provider.Part{LineID: 11, Quantity: 3})
	}},
	"accepts_other_lines": {"request_has_an_outcome", func() provider.Provider {
		return accepts(provider.Part{LineID: 99, Quantity: 1})
	}},
	"accepts_a_line_twice": {"request_has_an_outcome", func() provider.Provider {
		return accepts(provider.Part{LineID: 11, Quantity: 1}, provider.Part{LineID: 11, Quantity: 1})
	}},
	"accepts_nothing": {"request_has_an_outcome", func() provider.Provider { return accepts() }},
	"polled_news_changes": {"same_cursor_has_the_same_news", func() provider.Provider {
		return polled{alter: func(n *provider.News) { n.ID += rand.Text() }}
	}},
	"polled_news_for_another": {"same_cursor_has_the_same_news", func() provider.Provider {
		return polled{alter: func(n *provider.News) { n.Service = 99 }}
	}},
	"cursor_stays":       {"cursor_moves_until_all_is_told", func() provider.Provider { return polled{cursor: "same"} }},
	"cursor_never_ends":  {"cursor_moves_until_all_is_told", func() provider.Provider { return polled{endless: true} }},
	"sends_after_faults": {"fault_has_no_second_effect", func() provider.Provider { return new(depot).blind() }},
	"gives_up_at_faults": {"fault_has_no_second_effect", func() provider.Provider { return new(depot).hasty() }},
	"does_not_wait_when_it_is_told_to": {"fault_has_no_second_effect", func() provider.Provider {
		return new(depot).deaf()
	}},
	"settles_too_soon":     {"lag_of_the_lookup_has_no_second_effect", func() provider.Provider { return new(depot).slow() }},
	"malformed_id":         {"id_is_one", func() provider.Provider { return badID{} }},
	"options_of_one_id":    {"options_have_unique_ids", func() provider.Provider { return badOptions{} }},
	"takes_any_settings":   {"unknown_settings_are_refused", func() provider.Provider { return gullible{} }},
	"errors_without_class": {"request_whose_caller_is_gone_ends", func() provider.Provider { return unclassified{} }},
	"works_for_nobody":     {"request_whose_caller_is_gone_ends", func() provider.Provider { return deaf{} }},
	"second_effect": {
		"request_with_the_same_key_has_one_effect", func() provider.Provider { return &doubling{} },
	},
	"forgets_the_label": {"request_with_the_same_key_has_one_effect", func() provider.Provider {
		return &forgetful{}
	}},
	"finds_it_without_label": {"lookup_finds_what_was_created", func() provider.Provider { return careless{} }},
	"says_too_much": {"what_comes_with_an_answer_can_be_kept", func() provider.Provider {
		return attaching{Data: map[string]any{"log": strings.Repeat("x", 9999)}}
	}},
	"tells_a_secret": {"what_comes_with_an_answer_can_be_kept", func() provider.Provider {
		return attaching{Data: map[string]any{"apiKey": "k"}}
	}},
	"says_what_is_no_json": {"what_comes_with_an_answer_can_be_kept", func() provider.Provider {
		return attaching{Data: map[string]any{"f": func() {}}}
	}},
	"label_without_number": {"what_comes_with_an_answer_can_be_kept", func() provider.Provider {
		return attaching{Labels: []fulfillment.Label{{LabelURL: "label.pdf"}}}
	}},
	"finds_nothing":         {"lookup_finds_what_was_created", func() provider.Provider { return blind{} }},
	"finds_everything":      {"lookup_of_an_unknown_key_finds_nothing", func() provider.Provider { return seer{} }},
	"no_outcome":            {"request_has_an_outcome", func() provider.Provider { return silent{} }},
	"cancels_what_is_not":   {"cancellation_of_nothing_is_not_accepted", func() provider.Provider { return eager{} }},
	"price_in_words":        {"price_is_exact_decimal_text", func() provider.Provider { return cheap{} }},
	"documents_of_any_kind": {"documents_are_of_the_kind_asked_for", func() provider.Provider { return muddled{} }},
	"never_stops":           {"run_ends_when_it_is_told_to", func() provider.Provider { return stubborn{} }},
	"fails_when_it_stops":   {"run_ends_when_it_is_told_to", func() provider.Provider { return sulky{} }},
	"believes_everybody":    {"forged_deliveries_are_refused", func() provider.Provider { return credulous{} }},
	"forgery_without_class": {"forged_deliveries_are_refused", func() provider.Provider { return vague{} }},
	"one_key_for_all":       {"deliveries_have_keys_of_their_own", func() provider.Provider { return monotone{} }},
	"other_news_each_time": {"news_told_again_is_the_same_command", func() provider.Provider {
		return altered{alter: func(n *provider.News) { n.ID += rand.Text() }}
	}},
	"other_words_each_time": {"news_told_again_is_the_same_command", func() provider.Provider {
		return altered{alter: func(n *provider.News) { n.Command = &fulfillment.Close{Message: rand.Text()} }}
	}},
	"news_about_nothing": {"news_told_again_is_the_same_command", func() provider.Provider {
		return altered{alter: func(n *provider.News) { n.About = provider.Subject{} }}
	}},
	"news_for_another": {"news_told_again_is_the_same_command", func() provider.Provider {
		return altered{alter: func(n *provider.News) { n.Service = 99 }}
	}},
	"news_without_id": {"news_told_again_is_the_same_command", func() provider.Provider {
		return altered{alter: func(n *provider.News) { n.ID = "" }}
	}},
	"panics": {"malformed_deliveries_are_permanent_errors", func() provider.Provider { return hasty{} }},
	"swallows_the_rest": {"malformed_deliveries_are_permanent_errors", func() provider.Provider {
		return indifferent{}
	}},
	"tries_for_ever": {"malformed_deliveries_are_permanent_errors", func() provider.Provider { return hopeful{} }},
}

const brokenProvider = "PROVIDERTEST_BROKEN"

// A test that can't fail is none: the suite runs on each broken provider in a process of its own, and must fail there.
func TestSuiteFindsBrokenProviders(t *testing.T) {
	t.Parallel()
	if name := os.Getenv(brokenProvider); name != "" {
		suite := providertest.Suite{
			New: func(*testing.T) provider.Provider { return broken[name].provider() }, Deliveries: deliveries(),
		}
		if d, ok := broken[name].provider().(*depot); ok {
			d.into(&suite)
		}
		suite.Run(t)
		return
	}
	for name, test := range broken {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			only := "-test.run=^TestSuiteFindsBrokenProviders$/^" + test.fails + "$"
			cmd := exec.CommandContext(t.Context(), os.Args[0], only)
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
	return provider.Answer{
		Outcome: fulfillment.OutcomeAccepted, Reference: strings.Repeat("R", int(d.calls.Add(1))),
	}, nil
}

// withLabel is the answer to a request that made a label.
var withLabel = provider.Answer{Outcome: fulfillment.OutcomeAccepted, Reference: "R",
	Labels: []fulfillment.Label{{TrackingNumber: "1Z"}}}

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

func (careless) Lookup(context.Context, provider.Query) ([]provider.Found, error) {
	answer := withLabel
	answer.Labels = nil
	return []provider.Found{{Reference: "R", Answer: answer}}, nil
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

// accepting accepts these units of each request.
type accepting struct {
	manual.Provider
	units []provider.Part
}

func accepts(units ...provider.Part) accepting {
	return accepting{units: append([]provider.Part{}, units...)}
}

func (a accepting) Create(context.Context, provider.Request) (provider.Answer, error) {
	return provider.Answer{Outcome: fulfillment.OutcomeAccepted, Accepted: a.units}, nil
}

type blind struct{ manual.Provider }

func (blind) Lookup(context.Context, provider.Query) ([]provider.Found, error) { return nil, nil }

type seer struct{ manual.Provider }

func (seer) Lookup(context.Context, provider.Query) ([]provider.Found, error) {
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

func (muddled) Documents(
	context.Context, provider.Query, fulfillment.DocumentKind,
) ([]provider.Document, error) {
	return []provider.Document{{
		Document: fulfillment.Document{Kind: fulfillment.DocumentLabel, Name: "a.pdf", ContentType: "application/pdf"},
		Content:  []byte("%PDF"),
	}}, nil
}
