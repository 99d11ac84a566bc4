package gateway

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/webhook"
)

// The media types of the feed beside JSON.
const (
	mediaLines  = "application/x-ndjson"
	mediaStream = "text/event-stream"
)

const (
	defaultEvents = 100
	// maxParameters bounds what one answer says of parameters that there are not.
	maxParameters = 20
	// maxWait is below what proxies and load balancers allow as a rule.
	maxWait = time.Minute
	// newestPosition, in the place of one, is the newest that there is.
	newestPosition = "newest"
	// lastEventID is the header in which a stream's reader says after which position it goes on.
	lastEventID = "Last-Event-ID"
)

// eventsQuery is what a request to the feed asks for.
type eventsQuery struct {
	postgres.FeedQuery
	newest  bool // instead of After
	resumed bool // After is from the header
	wait    time.Duration
	media   string
}

// eventsParameters are those of a request to the feed, in the order of the documentation.
var eventsParameters = []string{"after", "limit", "order", "topic", "wait"}

// readEventsQuery reads what the URL and the headers ask for. It tells of every parameter that is wrong.
func readEventsQuery(r *http.Request) (eventsQuery, *badRequest) {
	q := eventsQuery{
		FeedQuery: postgres.FeedQuery{Limit: defaultEvents},
		media:     preferred(r.Header.Values("Accept"), mediaJSON, mediaLines, mediaStream),
	}
	parameters, err := url.ParseQuery(r.URL.RawQuery)
	if decoded, failed := url.QueryUnescape(r.URL.RawQuery); err != nil || failed != nil || !utf8.ValidString(decoded) {
		return q, bad(http.StatusBadRequest, map[string]string{"url": "It is not valid UTF-8, URL-encoded."})
	}
	if len(parameters) > maxParameters {
		return q, bad(http.StatusBadRequest, map[string]string{"url": fmt.Sprintf(
			"It has %d parameters; there are %s.", len(parameters), strings.Join(eventsParameters, ", "),
		)})
	}
	wrong := map[string]string{}
	for name, values := range parameters {
		var problem string
		switch {
		case !slices.Contains(eventsParameters, name):
			problem = "There is no such parameter; there are " + strings.Join(eventsParameters, ", ") + "."
		case name == "topic":
			problem = q.readTopics(values)
		case len(values) > 1:
			problem = "It is there twice."
		default:
			problem = q.read(name, values[0])
		}
		if problem != "" {
			wrong[clip(name)] = problem
		}
	}
	// A browser that has lost the connection asks again with the same URL, and says how far it is.
	if last := r.Header.Get(lastEventID); last != "" && q.media == mediaStream {
		if problem := q.read("after", last); problem != "" {
			wrong[lastEventID] = problem
		}
		q.resumed = true
	}
	if len(wrong) > 0 {
		return q, bad(http.StatusBadRequest, wrong)
	}
	return q, nil
}

// read takes a parameter, or says what is wrong with it.
func (q *eventsQuery) read(name, text string) (problem string) {
	switch name {
	case "after":
		if q.newest = text == newestPosition; q.newest {
			return ""
		}
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 0 {
			return fmt.Sprintf("%q is no position: a whole number from 0 is needed, or %s.", clip(text), newestPosition)
		}
		q.After = n
	case "limit":
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > postgres.FeedLimit {
			return fmt.Sprintf("%q is no limit: a whole number from 1 to %d is needed.", clip(text), postgres.FeedLimit)
		}
		q.Limit = n
	case "order":
		id, err := fulfillment.ParseID(orderGID.ReplaceAllString(text, "$1"))
		if err != nil {
			return fmt.Sprintf("%q is no order: its ID is needed, a number or a global one.", clip(text))
		}
		q.OrderID = id
	case "wait":
		wait, err := time.ParseDuration(text)
		if err != nil || wait < 0 || wait > maxWait {
			return fmt.Sprintf(
				"%q is no time to wait: write it with its unit, such as 30s; from 0s to %s.", clip(text), maxWait,
			)
		}
		q.wait = wait
	}
	return ""
}

// orderGID is a global ID of an order, in any namespace.
var orderGID = regexp.MustCompile(`^gid://[A-Za-z0-9_-]+/Order/([0-9]+)$`)

// readTopics takes topics, as events or as the API spells them, which may be given several times, or with commas
// between.
func (q *eventsQuery) readTopics(values []string) (problem string) {
	for _, text := range strings.Split(strings.Join(values, ","), ",") {
		topic, ok := webhook.Events(text)
		if !ok {
			return fmt.Sprintf(
				"There is no topic %q; there are %s.", clip(text), strings.Join(webhook.EventTopics(), ", "),
			)
		}
		if !slices.Contains(q.Topics, topic) {
			q.Topics = append(q.Topics, topic)
		}
	}
	return ""
}
