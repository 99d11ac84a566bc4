package chaos

import (
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"packhorse/internal/audit"
	"packhorse/internal/fulfillment"
)

// outcome is how a command ended for who sent it.
type outcome string

const (
	done    outcome = "done"
	refused outcome = "refused"
	unknown outcome = "unknown" // nobody was answered; it may have been carried out
)

// sent is a command as its sender knows it.
type sent struct {
	id                 string // command ID
	verb               string
	orderID            fulfillment.ID
	fulfillmentOrderID fulfillment.ID // 0: it was sent to the order
	way                string         // how it was sent
}

// answered is a command that was answered "done", first sent and answered at these times.
type answered struct {
	sent
	from, until time.Time
}

// journal is what the actors saw. It is safe for concurrent use.
type journal struct {
	start    time.Time
	setBacks *setBacks // nil: the database isn't set back

	mu       sync.Mutex
	log      io.Writer
	began    map[string]time.Time // when a command was first sent, by its ID
	answers  []answered
	outcomes map[string]map[outcome]int // by verb
	signals  []answered                 // that the server took
	names    []string                   // of the promises, in their order
	promises map[string]*audit.Assertion
	handed   handed // to be compared with what is left after the database was set back
}

func newJournal(log io.Writer, s *setBacks) *journal {
	j := &journal{
		start: time.Now(), setBacks: s, log: log, began: map[string]time.Time{},
		outcomes: map[string]map[outcome]int{}, names: promises, promises: map[string]*audit.Assertion{},
	}
	if s != nil {
		j.names = slices.Concat(promises, setBackPromises)
	}
	for _, name := range j.names {
		j.promises[name] = &audit.Assertion{Name: name}
	}
	return j
}

// What the actors themselves can tell of.
const (
	promiseAnswer   = "every command gets an answer or a reason"
	promiseSame     = "a repeated command is answered the same"
	promiseConflict = "a command ID is not taken for another command"
	promiseRead     = "what was answered can be read at once"
	promiseSignal   = "a signalled command is carried out or refused in the history"
	promiseSight    = "no app sees what its scopes forbid"
)

var promises = []string{promiseAnswer, promiseSame, promiseConflict, promiseRead, promiseSignal, promiseSight}

// begins notes that a command is sent, unless it was before.
func (j *journal) begins(id string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if _, known := j.began[id]; !known {
		j.began[id] = time.Now()
	}
}

// since is when a command was first sent.
func (j *journal) since(s sent) time.Time {
	if began, known := j.began[s.id]; known {
		return began
	}
	return j.start
}

// ended notes how a command ended; why tells more, if there is more to tell.
func (j *journal) ended(s sent, how outcome, why any) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.note(answered{s, j.since(s), time.Now()}, how, why)
}

func (j *journal) note(a answered, how outcome, why any) {
	if j.outcomes[a.verb] == nil {
		j.outcomes[a.verb] = map[outcome]int{}
	}
	j.outcomes[a.verb][how]++
	if how == done {
		j.answers = append(j.answers, a)
	}
	fmt.Fprintf(j.log, "%9.3f %-7s %-9s %-25s order %d fulfillment order %d %s %v\n",
		time.Since(j.start).Seconds(), how, a.way, a.verb, a.orderID, a.fulfillmentOrderID, a.id, why)
}

// saw is what was answered "done" and can't have been lost by setting the database back.
func (j *journal) saw() audit.Witness {
	j.mu.Lock()
	defer j.mu.Unlock()
	var w audit.Witness
	for _, a := range j.answers {
		switch {
		case j.setBacks.mayHaveLost(a.from, a.until):
		case a.verb == verbCreateOrder || a.verb == verbSendAgain:
			w.Orders = append(w.Orders, a.orderID)
		default:
			w.Commands = append(w.Commands, audit.Command{
				ID: a.id, OrderID: a.orderID, FulfillmentOrderID: a.fulfillmentOrderID, Verb: a.verb,
			})
		}
	}
	return w
}

// signalled notes a command of which the server said that it will be delivered.
func (j *journal) signalled(s sent) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.signals = append(j.signals, answered{s, j.since(s), time.Now()})
	fmt.Fprintf(j.log, "%9.3f %-7s %-9s %-25s order %d fulfillment order %d %s\n",
		time.Since(j.start).Seconds(), "sent", s.way, s.verb, s.orderID, s.fulfillmentOrderID, s.id)
}

// kept notes that a promise was looked at, and what is wrong if it wasn't kept. None is broken by a command that may
// have been lost meanwhile by setting the database back.
func (j *journal) kept(promise string, s sent, wrong string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if wrong != "" && j.setBacks.mayHaveLost(j.since(s), time.Now()) && slices.Contains(ofOneBook, promise) {
		return
	}
	j.judge(promise, s, wrong)
}

// ofOneBook are the promises that compare two answers, or an answer with the book.
var ofOneBook = []string{promiseSame, promiseConflict, promiseRead}

func (j *journal) judge(promise string, s sent, wrong string) {
	a := j.promises[promise]
	a.Checked++
	if wrong != "" {
		what := fmt.Sprintf("%s with command ID %s: %s", s.verb, s.id, wrong)
		a.Violations = append(
			a.Violations, audit.Violation{OrderID: s.orderID, FulfillmentOrderID: s.fulfillmentOrderID, What: what},
		)
		fmt.Fprintf(j.log, "%9.3f BROKEN: %s: %s\n", time.Since(j.start).Seconds(), promise, what)
	}
}
