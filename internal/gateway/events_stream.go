package gateway

import (
	"bytes"
	"net/http"
	"strconv"
	"time"

	"packhorse/internal/feed"
	"packhorse/internal/postgres"
)

// streamBytes is how much of the feed a stream has in memory: as long as nobody takes it.
const streamBytes = 16 << 10

// streamRetry is the pause before a stream looks again when it could not.
const streamRetry = time.Second

// stream sends events as they come, as server-sent events, until the asker goes or may read no more, or the server
// stops. The ID of each is its position, so that a browser that lost the connection goes on where it was.
func (e *eventsReader) stream(w http.ResponseWriter) {
	e.Bytes = streamBytes
	page, fault := e.look()
	if fault != nil {
		e.refuse(w, fault)
		return
	}
	s := newEventStream(w)
	for {
		if fault == nil {
			fault = s.page(e, page)
		}
		if !s.flush(fault, e.After) || e.request.Method == http.MethodHead {
			return
		}
		ready := true
		switch {
		case fault != nil: // It passes.
			e.pause(streamRetry)
		case page.Next >= page.Newest:
			ready = e.moreWithin(keepAlive)
		}
		if e.over() {
			return
		}
		if page, fault = (postgres.FeedPage{}), nil; !ready {
			continue
		}
		if fault = e.admitAgain(); fault == nil {
			page, fault = e.look()
		}
		if fault != nil {
			e.record.class = fault.class
		}
	}
}

// moreWithin waits for events, and tells whether there are.
func (e *eventsReader) moreWithin(wait time.Duration) bool {
	ctx, cancel := e.waiting(wait)
	defer cancel()
	return e.more(ctx)
}

// pause lets some time pass, unless it is over.
func (e *eventsReader) pause(d time.Duration) {
	ctx, cancel := e.waiting(d)
	defer cancel()
	<-ctx.Done()
}

// over tells whether nobody is there any more, or the server stops.
func (e *eventsReader) over() bool {
	ctx := e.request.Context()
	return ctx.Err() != nil || stopping(ctx).Err() != nil
}

// eventStream writes server-sent events.
type eventStream struct {
	*http.ResponseController
	w    http.ResponseWriter
	text bytes.Buffer // that is to be sent
	told int64        // the position that the asker would go on after
	sent time.Time    // when there was something
}

func newEventStream(w http.ResponseWriter) *eventStream {
	header := w.Header()
	header.Set("Content-Type", mediaStream)
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("X-Accel-Buffering", "no") // Some proxies wait for the end of an answer otherwise.
	s := &eventStream{ResponseController: http.NewResponseController(w), w: w}
	_ = s.SetReadDeadline(time.Time{}) // Without a network between there are none.
	s.text.WriteString("retry: " + strconv.FormatInt(streamRetry.Milliseconds(), 10) + "\n\n")
	return s
}

// page writes the events of a page.
func (s *eventStream) page(e *eventsReader, page postgres.FeedPage) *eventsFault {
	for _, stored := range page.Entries {
		entry, err := feed.Read(stored)
		if err != nil {
			return e.fault(err)
		}
		s.position(entry.Position)
		s.text.WriteString("data: ")
		s.text.Write(encode(entry)) // It has no line breaks.
		s.text.WriteString("\n\n")
	}
	return nil
}

// position writes up to where the asker has seen everything.
func (s *eventStream) position(at int64) {
	s.text.WriteString("id: " + strconv.FormatInt(at, 10) + "\n")
	s.told = at
}

// flush sends what was written, or at least, when nothing was for a while, that the stream is still there and how far
// it has looked. It tells whether the stream goes on: not after a fault that does not pass, of which it tells.
func (s *eventStream) flush(fault *eventsFault, looked int64) (goesOn bool) {
	passes := fault == nil || fault.class == ClassThrottled || fault.class == ClassUnavailable
	switch {
	case !passes:
		s.text.WriteString("event: end\ndata: ")
		s.text.Write(encode(fault.body()))
		s.text.WriteString("\n\n")
	case fault != nil:
		s.text.WriteString(": waiting, " + http.StatusText(fault.status) + "\n\n")
	case s.text.Len() == 0 && time.Since(s.sent) >= keepAlive:
		s.text.WriteString(": still here\n")
		if looked > s.told {
			s.position(looked)
		}
		s.text.WriteString("\n")
	}
	if s.text.Len() == 0 {
		return passes
	}
	s.sent = time.Now()
	_ = s.SetWriteDeadline(s.sent.Add(answerTimeout))
	if _, err := s.w.Write(s.text.Bytes()); err != nil {
		return false // Who asked is gone.
	}
	s.text.Reset()
	return s.Flush() == nil && passes
}
