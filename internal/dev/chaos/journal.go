package chaos

import (
	"fmt"
	"io"
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

// journal is what the actors saw. It is safe for concurrent use.
type journal struct {
	start time.Time

	mu       sync.Mutex
	log      io.Writer
	saw      audit.Witness
	outcomes map[string]map[outcome]int // by verb
	signals  []sent                     // that the server took
	promises map[string]*audit.Assertion
}

func newJournal(log io.Writer) *journal {
	j := &journal{
		start: time.Now(), log: log, outcomes: map[string]map[outcome]int{}, promises: map[string]*audit.Assertion{},
	}
	for _, name := range promises {
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
)

var promises = []string{promiseAnswer, promiseSame, promiseConflict, promiseRead, promiseSignal}

// ended notes how a command ended; why tells more, if there is more to tell.
func (j *journal) ended(s sent, how outcome, why any) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.outcomes[s.verb] == nil {
		j.outcomes[s.verb] = map[outcome]int{}
	}
	j.outcomes[s.verb][how]++
	if how == done {
		if s.verb == verbCreateOrder {
			j.saw.Orders = append(j.saw.Orders, s.orderID)
		} else {
			j.saw.Commands = append(
				j.saw.Commands,
				audit.Command{ID: s.id, OrderID: s.orderID, FulfillmentOrderID: s.fulfillmentOrderID, Verb: s.verb},
			)
		}
	}
	fmt.Fprintf(j.log, "%9.3f %-7s %-9s %-25s order %d fulfillment order %d %s %v\n",
		time.Since(j.start).Seconds(), how, s.way, s.verb, s.orderID, s.fulfillmentOrderID, s.id, why)
}

// signalled notes a command of which the server said that it will be delivered.
func (j *journal) signalled(s sent) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.signals = append(j.signals, s)
	fmt.Fprintf(j.log, "%9.3f %-7s %-9s %-25s order %d fulfillment order %d %s\n",
		time.Since(j.start).Seconds(), "sent", s.way, s.verb, s.orderID, s.fulfillmentOrderID, s.id)
}

// kept notes that a promise was looked at, and what is wrong if it wasn't kept.
func (j *journal) kept(promise string, s sent, wrong string) {
	j.mu.Lock()
	defer j.mu.Unlock()
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
