package returns

import (
	"encoding/json"
	"slices"

	"packhorse/internal/fulfillment"
)

// How much of a return travels, in bytes of JSON: to every commit and every new run.
const (
	// MaxNew is how large a return may begin, with the work of its lines: it is to have room for what becomes of them.
	MaxNew = 112 << 10
	// MaxState is how large parcels and differences may make it.
	MaxState = 176 << 10
	// maxDisposed is how large dispositions may make it; with the last answers, all of it stays below 256 kB.
	maxDisposed = 208 << 10
	// abridgedAbove is the size from which a state says of each line only sums, where the history has every step.
	abridgedAbove = 96 << 10
	// workLineSize is what approving adds for each line.
	workLineSize = 120
	// maxAnswers is how much of the last answers travels beside the state, recentAnswers how many.
	maxAnswers    = 48 << 10
	recentAnswers = 50
)

// Size is how many bytes the state has as JSON.
func (r *Return) Size() int {
	body, err := json.Marshal(r)
	if err != nil { // It has a time that JSON has no word for, and is not stored either.
		return 0
	}
	return len(body)
}

// noRoom is the refusal of a command that has let a large return grow further; nil: there was room. What puts only
// numbers into the state is never refused.
func (r *Return) noRoom(before *Return, cmd Command) *fulfillment.Error {
	size := r.Size()
	if before == nil {
		if r.Status == StatusRequested {
			size += workLineSize * len(r.Lines)
		}
		if size <= MaxNew {
			return nil
		}
		return refusal(
			CodeTooLarge, nil, "A return may begin with %d kB in all, and this one would with %d. Make several "+
				"returns of its lines, or write shorter notes.", MaxNew>>10, (size+1023)>>10,
		)
	}
	limit := roomFor(cmd)
	if limit == 0 || size <= limit || size <= before.Size() {
		return nil
	}
	return refusal(
		CodeTooLarge, nil, "The return has no room for this: its lines, parcels, dispositions and notes may be %d kB "+
			"in all, and would be %d. Write shorter notes, or name fewer lines.", limit>>10, (size+1023)>>10,
	)
}

// roomFor is how large the command may make a return; 0: it adds only numbers.
func roomFor(cmd Command) int {
	switch cmd := cmd.(type) {
	case *CreateDelivery, *UpdateDelivery:
		return MaxState
	case *Receive:
		if len(cmd.Differences) > 0 {
			return MaxState
		}
	case *Dispose, *Process:
		return maxDisposed
	}
	return 0
}

// abridge sums up in a large state what rows of the history have one by one: dispositions of one kind at one place, and
// differences of one kind.
func (r *Return) abridge() {
	if r.Size() <= abridgedAbove {
		return
	}
	for i := range r.Work {
		for n := range r.Work[i].Lines {
			l := &r.Work[i].Lines[n]
			l.Dispositions = summed(l.Dispositions, func(a, b *Disposition) bool {
				if a.Type != b.Type || a.LocationID != b.LocationID {
					return false
				}
				a.Quantity, a.CreatedAt = a.Quantity+b.Quantity, b.CreatedAt
				return true
			})
		}
	}
	for i := range r.Lines {
		l := &r.Lines[i]
		l.Differences = summed(l.Differences, func(a, b *Difference) bool {
			if a.Kind != b.Kind || a.SKU != b.SKU {
				return false
			}
			a.Quantity, a.Note, a.At = a.Quantity+b.Quantity, b.Note, b.At
			return true
		})
	}
}

// summed is the list with each element added to the first earlier one that takes it.
func summed[T any](list []T, add func(to, one *T) bool) []T {
	var sums []T
	for i := range list {
		if find(sums, func(sum *T) bool { return add(sum, &list[i]) }) == nil {
			sums = append(sums, list[i])
		}
	}
	return sums
}

// fewerAnswers is the last answers, as many as may travel with the state. Older ones are found in the store.
func fewerAnswers(answers []Answered) []Answered {
	room := maxAnswers
	for i := len(answers) - 1; i >= 0; i-- {
		body, _ := json.Marshal(answers[i]) // Plain data can always be written.
		if room -= len(body); len(answers)-i > recentAnswers || room < 0 {
			return slices.Clone(answers[i+1:])
		}
	}
	return answers
}
