package gateway

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"packhorse/internal/access"
	"packhorse/internal/feed"
	"packhorse/internal/postgres"
)

// EventsPath is where the feed is read.
const EventsPath = "/events"

// Feed is where events are: a *postgres.Store.
type Feed interface {
	// Feed is a page of it. The error may be a [*postgres.FeedGoneError].
	Feed(ctx context.Context, q postgres.FeedQuery) (postgres.FeedPage, error)
}

// FeedWatch tells of new events: a *postgres.FeedWatch.
type FeedWatch interface {
	// Wait waits until there are events after a position, or may be some of these topics.
	Wait(ctx context.Context, after int64, topics ...string) (newest int64, err error)
}

const (
	// keepAlive is how often a stream without events says that it is still there.
	keepAlive = 15 * time.Second
	// lookPause is the least time between two looks of a reader who waits: events that come together are looked for
	// together, and those that are not for this reader cost little.
	lookPause = 100 * time.Millisecond
	// eventsPerPoint is how many events cost a point of the token's bucket, and lookedPerPoint how many that were
	// looked at in vain.
	eventsPerPoint = 100
	lookedPerPoint = 2000
)

// The headers that say of a page where the next one begins, and what there is.
const (
	nextHeader   = "Packhorse-Next"
	oldestHeader = "Packhorse-Oldest"
	newestHeader = "Packhorse-Newest"
)

// eventsPage is a page as JSON.
type eventsPage struct {
	Events []feed.Entry `json:"events"`
	Next   int64        `json:"next"`   // up to which position was looked: go on after it
	Oldest int64        `json:"oldest"` // position of the oldest event that there is
	Newest int64        `json:"newest"`
}

// eventsFault is an answer without events.
type eventsFault struct {
	status int
	class  string
	errors any
	beside map[string]any
	retry  int // seconds; 0: nothing is said
}

// serveEvents answers with a page of the feed, at once or when there is something, or with a stream of it.
func (g *Gateway) serveEvents(w http.ResponseWriter, r *http.Request) {
	caller, _ := access.CallerFrom(r.Context())
	found := recordFrom(r.Context())
	found.note("", "feed", []string{"events"})
	if r.Method != http.MethodGet && r.Method != http.MethodHead { // The server sends no body after a HEAD.
		w.Header().Set("Allow", http.MethodGet+", "+http.MethodHead)
		writeError(w, http.StatusMethodNotAllowed, "Method Not Allowed: the feed is read with "+http.MethodGet)
		return
	}
	reader := &eventsReader{
		Gateway: g, request: r, record: found, bucket: g.buckets.For(caller.TokenID.String()),
	}
	if fault := reader.throttled(); fault != nil {
		reader.refuse(w, fault)
		return
	}
	reader.charge(1)
	query, refused := readEventsQuery(r)
	if refused != nil {
		writeError(w, refused.status, refused.errors)
		return
	}
	reader.eventsQuery = query
	if fault := reader.admit(caller); fault != nil {
		reader.refuse(w, fault)
		return
	}
	if query.media == mediaStream || query.wait > 0 {
		if !g.followers.enter(caller.App.ID) {
			reader.refuse(w, &eventsFault{
				status: http.StatusTooManyRequests, class: ClassThrottled, retry: 1, errors: fmt.Sprintf(
					"Too Many Requests: an app waits for events with %d requests at the most", g.followers.most),
			})
			return
		}
		defer g.followers.leave(caller.App.ID)
	}
	if query.media == mediaStream {
		reader.stream(w)
		return
	}
	page, fault := reader.await(w)
	switch {
	case fault != nil:
		reader.refuse(w, fault)
	case r.Context().Err() == nil:
		reader.write(w, page)
	}
}

// eventsReader reads the feed for one request.
type eventsReader struct {
	*Gateway
	eventsQuery
	request *http.Request
	record  *record
	bucket  *Bucket
}

// admit takes who asks for the reader, or says why it may not read.
func (e *eventsReader) admit(caller access.Caller) *eventsFault {
	sight, denied := caller.FeedSight()
	if denied != nil {
		return &eventsFault{
			status: http.StatusForbidden, class: ClassDenied,
			errors: "Access denied for events. Required access: " + denied.RequiredAccess(),
		}
	}
	e.Sight = &sight
	return nil
}

// admitAgain looks whether who asked still may: somebody who waits may have lost the token since, or a scope.
func (e *eventsReader) admitAgain() *eventsFault {
	caller, err := e.callerOf(e.request)
	switch {
	case errors.Is(err, access.ErrUnknownToken):
		return &eventsFault{status: http.StatusUnauthorized, class: ClassUnauthorized, errors: unauthorized}
	case err != nil:
		return e.fault(err)
	}
	if fault := e.admit(caller); fault != nil {
		return fault
	}
	return e.throttled()
}

// throttled refuses a token that owes points; nil: it does not. What a page costs is known afterwards.
func (e *eventsReader) throttled() *eventsFault {
	owes, left := e.bucket.Owes(time.Now())
	if !owes {
		return nil
	}
	seconds := math.Ceil((1 - float64(left.CurrentlyAvailable)) / left.RestoreRate)
	return &eventsFault{
		status: http.StatusTooManyRequests, class: ClassThrottled, retry: int(seconds), errors: fmt.Sprintf(
			"Throttled: the token owes points, and gets %g back each second", left.RestoreRate,
		),
	}
}

// look reads the next page.
func (e *eventsReader) look() (postgres.FeedPage, *eventsFault) {
	ctx, cancel := context.WithTimeout(e.request.Context(), e.timeout)
	defer cancel()
	query := e.FeedQuery
	if e.newest { // Only to learn which that is.
		query = postgres.FeedQuery{Limit: 1, Sight: &access.FeedSight{}}
	}
	page, err := e.feed.Feed(ctx, query)
	if err != nil {
		return page, e.fault(err)
	}
	if e.newest {
		page, e.newest = postgres.FeedPage{Next: page.Newest, Oldest: page.Oldest, Newest: page.Newest}, false
	} else {
		e.charge(pointsForPage(e.After, page))
	}
	e.After = page.Next
	return page, nil
}

// charge takes points, which may have been spent before.
func (e *eventsReader) charge(points int) {
	e.bucket.Charge(time.Now(), points)
	e.record.cost += points
}

// pointsForPage is what a page costs beside the point for the request. Looks that find little cost nothing: there are
// no more of them than [lookPause] and the number of followers allow.
func pointsForPage(after int64, page postgres.FeedPage) int {
	bytes := 0
	for _, entry := range page.Entries {
		bytes += len(entry.Event)
	}
	points := len(page.Entries)/eventsPerPoint + bytes/bytesPerSent
	if first := max(after, page.Oldest-1); page.Next > first {
		points += int(page.Next-first-int64(len(page.Entries))) / lookedPerPoint
	}
	return points
}

// await looks for events until there are some, the feed was looked through that far that it is time to say so, or the
// wait is over.
func (e *eventsReader) await(w http.ResponseWriter) (postgres.FeedPage, *eventsFault) {
	ctx, cancel := e.waiting(e.wait)
	defer cancel()
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Time{}) // Without a network between there are none.
	_ = control.SetWriteDeadline(time.Now().Add(e.wait + 2*e.timeout + answerTimeout))
	for {
		page, fault := e.look()
		if fault != nil || len(page.Entries) > 0 || page.Next < page.Newest || e.wait == 0 {
			return page, fault
		}
		if !e.more(ctx) {
			return page, nil
		}
		if fault := e.admitAgain(); fault != nil {
			return page, fault
		}
	}
}

// waiting is a context for somebody who waits so long. It ends when the server is told to stop.
func (e *eventsReader) waiting(wait time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(e.request.Context(), wait)
	stop := context.AfterFunc(stopping(ctx), cancel)
	return ctx, func() { stop(); cancel() }
}

// more waits until there are events to be looked at, and tells whether there are. At the end of the wait these may be
// of other topics, so that the asker gets past them.
func (e *eventsReader) more(ctx context.Context) bool {
	pause := time.NewTimer(lookPause)
	defer pause.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-pause.C:
	}
	newest, err := e.watch.Wait(ctx, e.After, e.Topics...)
	return err == nil || newest > e.After && e.request.Context().Err() == nil
}

// fault is what the reader is told of an error.
func (e *eventsReader) fault(err error) *eventsFault {
	ctx := e.request.Context()
	if gone, ok := errors.AsType[*postgres.FeedGoneError](err); ok {
		after := "after"
		if e.resumed {
			after = lastEventID
		}
		return &eventsFault{
			status: http.StatusGone, class: ClassNotFound, errors: map[string]string{after: gone.Error()},
			beside: map[string]any{"oldest": gone.Oldest, "newest": gone.Newest},
		}
	}
	if ctx.Err() == nil {
		e.logger.ErrorContext(ctx, "can't read the feed", "request_id", RequestID(ctx), "error", err)
	}
	if postgres.IsUnavailable(err) || errors.Is(err, context.DeadlineExceeded) {
		return &eventsFault{
			status: http.StatusServiceUnavailable, class: ClassUnavailable, retry: 1,
			errors: "Service unavailable. Try again in a moment. Request ID: " + RequestID(ctx),
		}
	}
	return &eventsFault{
		status: http.StatusInternalServerError, class: ClassInternal, errors: internalError(ctx)[0].Message,
	}
}

func (e *eventsReader) refuse(w http.ResponseWriter, f *eventsFault) {
	e.record.class = f.class
	if f.retry > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(f.retry))
	}
	writeJSON(w, f.status, f.body())
}

func (f *eventsFault) body() map[string]any {
	body := map[string]any{"errors": f.errors}
	for name, value := range f.beside {
		body[name] = value
	}
	return body
}

// write answers with a page, as one document or as a line for each event.
func (e *eventsReader) write(w http.ResponseWriter, page postgres.FeedPage) {
	entries := make([]feed.Entry, len(page.Entries))
	for i, stored := range page.Entries {
		var err error
		if entries[i], err = feed.Read(stored); err != nil {
			e.refuse(w, e.fault(err))
			return
		}
	}
	header := w.Header()
	header.Set(nextHeader, strconv.FormatInt(page.Next, 10))
	header.Set(oldestHeader, strconv.FormatInt(page.Oldest, 10))
	header.Set(newestHeader, strconv.FormatInt(page.Newest, 10))
	header.Set("Vary", "Accept")
	if e.media != mediaLines {
		writeJSON(w, http.StatusOK, eventsPage{entries, page.Next, page.Oldest, page.Newest})
		return
	}
	var lines bytes.Buffer
	for _, entry := range entries {
		lines.Write(encode(entry))
		lines.WriteByte('\n')
	}
	header.Set("Content-Type", mediaLines)
	writeBody(w, http.StatusOK, lines.Bytes())
}
