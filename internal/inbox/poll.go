package inbox

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/news"
	"packhorse/internal/provider"
)

// pollOption is the option of a service that says how often it is asked, as text such as "5m".
const pollOption = "pollEvery"

// longestFail is how seldom a service is asked that does not answer.
const longestFail = 10 * time.Minute

// pollers are the providers whose services are asked here.
func (w *Worker) pollers() []string {
	var ids []string
	for _, id := range slices.Sorted(maps.Keys(w.Providers)) {
		if _, ok := w.Providers[id].Provider.(provider.Poller); ok {
			ids = append(ids, id)
		}
	}
	return ids
}

// poll asks services what is new, each by one process at a time, until the context ends.
func (w *Worker) poll(ctx context.Context) {
	pollers := w.pollers()
	if len(pollers) == 0 {
		return
	}
	crew := crew{places: pollAtOnce, freed: make(chan struct{}, 1)}
	var group sync.WaitGroup
	defer group.Wait()
	for ctx.Err() == nil {
		wait := pollLook/2 + rand.N(pollLook)
		if free := crew.free(); free > 0 {
			polls, err := w.claim(ctx, pollers, free)
			if err != nil {
				wait = w.complain(ctx, err)
			}
			for _, p := range polls {
				crew.send(&group, func() { w.pollOnce(ctx, p) })
			}
		}
		pause(ctx, wait)
	}
}

// claim takes services that are to be asked, as many as there are places for and as their providers' systems bear.
func (w *Worker) claim(ctx context.Context, pollers []string, places int) ([]news.Poll, error) {
	var claimed []news.Poll
	var unlimited []string
	for _, i := range rand.Perm(len(pollers)) { // So that none always has the last place.
		id := pollers[i]
		rate := w.Providers[id].PollRate
		if rate <= 0 {
			unlimited = append(unlimited, id)
			continue
		}
		if places == len(claimed) {
			continue
		}
		polls, err := w.Store.ClaimRatedPolls(ctx, id, rate, lease, places-len(claimed))
		if err != nil {
			return claimed, err
		}
		claimed = append(claimed, polls...)
	}
	if len(unlimited) == 0 || places == len(claimed) {
		return claimed, nil
	}
	polls, err := w.Store.ClaimPolls(ctx, unlimited, lease, places-len(claimed))
	return append(claimed, polls...), err
}

// pollOnce asks one service, until it has no more to say for now.
func (w *Worker) pollOnce(ctx context.Context, p news.Poll) {
	err := w.ask(ctx, p)
	noting, cancel := noting(ctx)
	defer cancel()
	outcome := "done"
	switch {
	case err == nil:
	case errors.Is(err, fulfillment.ErrStale): // Somebody else asks it by now.
		return
	case ctx.Err() != nil:
		err = w.Store.FailPoll(noting, p, "", 0)
	default:
		outcome = string(provider.Classify(err))
		if outcome == "" {
			outcome = "failed"
		}
		w.complaints.log(ctx, w.Logger, "A fulfillment service does not say what is new; it is asked again.", err,
			"provider", p.Provider, "service", p.ServiceID.String())
		wait := cmp.Or(provider.RetryAfter(err), min(longestFail, w.every(p)<<min(p.Attempts, 10)))
		err = w.Store.FailPoll(noting, p, err.Error(), wait)
	}
	w.Metrics.NewsPolled(p.Provider, outcome)
	if err != nil {
		w.complain(ctx, err)
	}
}

func (w *Worker) ask(ctx context.Context, p news.Poll) (err error) {
	defer func() {
		if panicked := recover(); panicked != nil {
			err = &provider.Error{Class: provider.Permanent, Message: "the provider panicked when it asked"}
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, pollTimeout)
	defer cancel()
	poller := w.Providers[p.Provider].Provider.(provider.Poller)
	of := provider.Polled{ServiceID: p.ServiceID, ServiceOptions: p.Options}
	found, next, more, err := poller.Changes(ctx, of, p.Cursor)
	if err != nil {
		return err
	}
	wait := w.every(p)
	if more && next != p.Cursor {
		wait = 0
	}
	told := w.told(ctx, p.Provider, found, news.Item{
		ServiceID: p.ServiceID, Source: news.FromPoll, ReceivedAt: now(),
	})
	return w.Store.EndPoll(ctx, p, told, next, wait)
}

// every is how often the service is asked.
func (w *Worker) every(p news.Poll) time.Duration {
	every := cmp.Or(w.Providers[p.Provider].PollEvery, provider.DefaultPollEvery)
	if text, ok := p.Options[pollOption].(string); ok {
		if d, err := time.ParseDuration(text); err == nil && d > 0 {
			every = d
		}
	}
	return max(every, provider.ShortestPoll)
}
