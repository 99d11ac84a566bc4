package gateway

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"packhorse/internal/access"
	"packhorse/internal/graphql/document"
	"packhorse/internal/inbox"
)

// The defaults of [Options].
const (
	DefaultTimeout = 30 * time.Second
	DefaultMaxBody = 1 << 20
	// DefaultMaxAnswer is beyond any page that is read at once: of a page of 250 it lets each object have 33 kB.
	DefaultMaxAnswer = 8 << 20
)

// Documents makes operations of what apps send: a *document.Cache of the same schema.
type Documents interface {
	Prepare(request document.Request) (*document.Prepared, document.Effort, gqlerror.List)
}

// Options is what a [Gateway] consists of. Schema, Documents, Callers, Keys and Buckets are required.
type Options struct {
	Schema    graphql.ExecutableSchema
	Documents Documents
	Callers   Callers
	Keys      Keys
	// Buckets is what every token may ask for in a time.
	Buckets *Buckets
	// Limits is what a single operation may ask for. Default: document.DefaultLimits.
	Limits document.Limits
	// MayCall tells whether a caller may ask for a root field at all: stored answers are for those who may. Nil: all
	// may.
	MayCall func(caller access.Caller, field string) bool
	// Around prepares the context of every execution, for instance with loaders; nil: nothing.
	Around func(ctx context.Context) context.Context
	// AroundFields is run around every field of every execution, and decides what is shown of it; nil: all of it.
	AroundFields graphql.FieldMiddleware
	// Feed is read at [EventsPath]; nil: there is none. FeedWatch is needed with it.
	Feed      Feed
	FeedWatch FeedWatch
	// MaxFollowers is how many requests of one app may wait for events. Default: DefaultMaxFollowers.
	MaxFollowers int
	// Papers are handed out below [PapersPath]; nil: there are none.
	Papers Papers
	// GraphiQL is served below /graphiql; nil: there is no such page.
	GraphiQL http.Handler
	// News takes what fulfillment services send to [inbox.Path] and below, and lets in whom it knows; nil: there is no
	// such place.
	News http.Handler
	// Timeout is how long a request may take. Default: DefaultTimeout.
	Timeout time.Duration
	// MaxBody is the largest body in bytes. Default: DefaultMaxBody.
	MaxBody int
	// MaxAnswer is the largest answer in bytes; what would be larger is not made. Default: DefaultMaxAnswer.
	MaxAnswer int
	// Logger gets a line for every request, and what goes wrong on our side. Default: none.
	Logger *slog.Logger
	// Registry gets the metrics; nil: nobody sees them.
	Registry prometheus.Registerer
}

// Gateway answers HTTP requests to the Admin API. It is an http.Handler; [Serve] serves it.
type Gateway struct {
	schema    graphql.ExecutableSchema
	documents Documents
	papers    Papers
	callers   Callers
	keys      Keys
	buckets   *Buckets
	limits    document.Limits
	mayCall   func(caller access.Caller, field string) bool
	around    func(ctx context.Context) context.Context
	fields    graphql.FieldMiddleware
	feed      Feed
	watch     FeedWatch
	timeout   time.Duration
	maxBody   int
	maxAnswer int
	logger    *slog.Logger
	metrics   *metrics
	flights   flights
	followers followers
	handler   http.Handler
}

// New makes a Gateway. It panics if the registry has a gateway's metrics already.
func New(o Options) *Gateway {
	g := &Gateway{
		schema: o.Schema, documents: o.Documents, papers: o.Papers, callers: o.Callers, keys: o.Keys,
		buckets: o.Buckets,
		around:  o.Around, mayCall: o.MayCall, fields: o.AroundFields, feed: o.Feed, watch: o.FeedWatch,
		limits:  cmp.Or(o.Limits, document.DefaultLimits),
		timeout: cmp.Or(o.Timeout, DefaultTimeout), maxBody: cmp.Or(o.MaxBody, DefaultMaxBody),
		maxAnswer: cmp.Or(o.MaxAnswer, DefaultMaxAnswer),
		logger:    cmp.Or(o.Logger, slog.New(slog.DiscardHandler)), metrics: newMetrics(o.Registry),
		followers: followers{most: cmp.Or(o.MaxFollowers, DefaultMaxFollowers)},
	}
	if g.fields == nil {
		g.fields = func(ctx context.Context, next graphql.Resolver) (any, error) { return next(ctx) }
	}
	api := g.authenticate(http.HandlerFunc(g.serveGraphQL))
	mux := http.NewServeMux()
	mux.Handle("/admin/api/{version}/graphql.json", versioned(api))
	mux.Handle("/admin/api/graphql.json", versioned(api)) // As apps ask that name no version.
	if o.Feed != nil {
		mux.Handle(EventsPath, g.authenticate(http.HandlerFunc(g.serveEvents)))
	}
	if o.Papers != nil {
		mux.Handle(PapersPath+"{document}", g.authenticate(http.HandlerFunc(g.serveDocument)))
	}
	if o.News != nil {
		mux.Handle("/providers/{provider}", o.News) // It says that a service is missing.
		mux.Handle(inbox.Path, o.News)
		mux.Handle(inbox.Path+"/{rest...}", o.News)
	}
	if o.GraphiQL != nil {
		mux.Handle("/graphiql", http.RedirectHandler("/graphiql/", http.StatusMovedPermanently))
		mux.Handle("/graphiql/", http.StripPrefix("/graphiql", o.GraphiQL))
	}
	mux.HandleFunc(
		"/", func(w http.ResponseWriter, _ *http.Request) { writeError(w, http.StatusNotFound, "Not Found") },
	)
	g.handler = withRequestID(g.observe(g.recovery(mux)))
	return g
}

// ServeHTTP answers one request.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) { g.handler.ServeHTTP(w, r) }

// versioned lets requests to versions that there are pass, and says which one is served.
func versioned(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		version, ok := servedVersion(askedVersion(r))
		if !ok {
			writeError(w, http.StatusNotFound, "Not Found: versions are "+Versions())
			return
		}
		w.Header().Set("X-Shopify-API-Version", version)
		if r.Method != http.MethodPost && r.Method != http.MethodGet {
			w.Header().Set("Allow", http.MethodGet+", "+http.MethodPost)
			writeError(
				w, http.StatusMethodNotAllowed,
				"Method Not Allowed: send operations with "+http.MethodPost+", queries with "+http.MethodGet+", too",
			)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// Endpoint is the path of the newest version of the API.
func Endpoint() string {
	return "/admin/api/" + newestVersion + "/graphql.json"
}
