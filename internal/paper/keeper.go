package paper

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
	"packhorse/internal/telemetry"
)

// Store is where documents are: a *postgres.Store.
type Store interface {
	// KeepDocuments keeps what was found, with its content or to be fetched. What is there already stays as it is.
	KeepDocuments(ctx context.Context, found []Found) error
	// DueDocuments takes some that are to be fetched now, from these providers or from a URL, for as long as the lease:
	// then they are due again.
	DueDocuments(ctx context.Context, providers []string, limit int, lease time.Duration) ([]Document, error)
	// DocumentFetched keeps the content of a document that was due; DocumentMissed why there is none yet, and when to
	// try again (0: not any more).
	DocumentFetched(ctx context.Context, id fulfillment.ID, content []byte, mediaType string) error
	DocumentMissed(ctx context.Context, id fulfillment.ID, problem string, again time.Duration) error
}

const (
	lookPause = 15 * time.Second // between looks, if nobody rings
	lease     = 2 * time.Minute
	atOnce    = 4
	perLook   = 16
)

// retries are the pauses between attempts; after them a document is given up. Systems keep labels for a day at least.
var retries = []time.Duration{
	2 * time.Second, 10 * time.Second, time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 6 * time.Hour,
	12 * time.Hour,
}

// Keeper keeps what providers bring, and fetches what they only name. Any number of processes may do so at once. Make
// one with [NewKeeper].
type Keeper struct {
	Metrics *telemetry.Metrics // may be nil; set before it runs

	store     Store
	fetcher   *Fetcher
	providers map[string]provider.Provider // by ID: those that can be asked for documents
	logger    *slog.Logger
	bell      chan struct{}
}

// NewKeeper makes a Keeper. It asks those of the providers that can give documents once more.
func NewKeeper(store Store, fetcher *Fetcher, logger *slog.Logger, providers ...provider.Provider) *Keeper {
	k := &Keeper{
		store: store, fetcher: fetcher, logger: logger, providers: map[string]provider.Provider{},
		bell: make(chan struct{}, 1),
	}
	for _, p := range providers {
		if _, ok := p.(provider.Documenter); ok {
			k.providers[p.ID()] = p
		}
	}
	return k
}

// Keep keeps what an answer brings, durably, before it returns; what has to be fetched is so at once. Of is as in
// [Brought].
func (k *Keeper) Keep(ctx context.Context, of Document, answer provider.Answer) error {
	found := Brought(of, answer)
	if len(found) == 0 {
		return nil
	}
	if err := k.store.KeepDocuments(ctx, found); err != nil {
		return err
	}
	k.ring()
	return nil
}

// Run fetches until the context ends. It has no other error.
func (k *Keeper) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		n, err := k.look(ctx)
		if err != nil && ctx.Err() == nil {
			k.logger.WarnContext(ctx, "can't look for documents to fetch, trying again", "error", err)
		}
		if n == perLook {
			continue
		}
		pause := time.NewTimer(lookPause)
		select {
		case <-ctx.Done():
		case <-k.bell:
		case <-pause.C:
		}
		pause.Stop()
	}
	return nil
}

// look fetches what is due, and tells how many documents that were.
func (k *Keeper) look(ctx context.Context) (int, error) {
	askable := make([]string, 0, len(k.providers))
	for id := range k.providers {
		askable = append(askable, id)
	}
	due, err := k.store.DueDocuments(ctx, askable, perLook, lease)
	if err != nil {
		return 0, err
	}
	var group errgroup.Group
	group.SetLimit(atOnce)
	for _, d := range due {
		group.Go(func() error { k.fetch(ctx, d); return nil })
	}
	return len(due), group.Wait()
}

func (k *Keeper) fetch(ctx context.Context, d Document) {
	content, mediaType, err := k.get(ctx, d)
	if err == nil {
		k.Metrics.Document(d.Provider, telemetry.DocumentFetched)
		err = k.store.DocumentFetched(ctx, d.ID, content, mediaType)
		if err != nil && ctx.Err() == nil { // The lease ends, and it is due again.
			k.logger.WarnContext(ctx, "can't keep a document, trying again", "document", d.ID, "error", err)
		}
		return
	}
	if ctx.Err() != nil {
		return
	}
	again := time.Duration(0)
	if !errors.As(err, new(*Unfit)) && d.Attempts <= len(retries) {
		again = retries[max(d.Attempts-1, 0)]
	}
	outcome := telemetry.DocumentAgain
	if again == 0 {
		outcome = telemetry.DocumentGivenUp
		k.logger.WarnContext(
			ctx, "A document was not to be had.", "document", d.ID, "provider", d.Provider, "reason", err,
		)
	}
	k.Metrics.Document(d.Provider, outcome)
	if err := k.store.DocumentMissed(ctx, d.ID, err.Error(), again); err != nil && ctx.Err() == nil {
		k.logger.WarnContext(ctx, "can't note that a document was not fetched", "document", d.ID, "error", err)
	}
	if again > 0 {
		time.AfterFunc(again, k.ring)
	}
}

func (k *Keeper) ring() {
	select {
	case k.bell <- struct{}{}:
	default:
	}
}

// get is a document's content, from its URL or from its provider.
func (k *Keeper) get(ctx context.Context, d Document) ([]byte, string, error) {
	if d.SourceURL != "" {
		return k.fetcher.Fetch(ctx, d.SourceURL)
	}
	documenter, ok := k.providers[d.Provider].(provider.Documenter)
	if !ok {
		return nil, "", errors.New("nobody here can ask " + d.Provider + " for documents")
	}
	asked, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	list, err := documenter.Documents(asked, provider.Query{
		Key: d.RequestKey, Kind: fulfillment.EffectRequest, RequestKey: d.RequestKey, Reference: d.Reference,
		FulfillmentOrderID: d.FulfillmentOrderID, ServiceID: d.BroughtBy, ServiceOptions: d.ServiceOptions,
	}, d.Kind)
	switch {
	case err != nil && provider.Classify(err) == provider.Permanent:
		return nil, "", &Unfit{d.Provider + " does not give it: " + err.Error()}
	case err != nil:
		return nil, "", fmt.Errorf("%s does not give it now: %w", d.Provider, err)
	}
	part := 0
	for _, one := range list {
		if one.Name != d.Name && len(list) > 1 {
			continue
		}
		if part++; part <= d.Part {
			continue
		}
		if len(one.Content) == 0 && one.URL != "" {
			return k.fetcher.Fetch(ctx, one.URL)
		}
		mediaType, err := mediaTypeOf(one.Content, one.ContentType)
		if err != nil {
			return nil, "", &Unfit{"what " + d.Provider + " gives is no document: " + err.Error()}
		}
		return one.Content, mediaType, nil
	}
	return nil, "", errors.New(d.Provider + " has none of that name")
}
