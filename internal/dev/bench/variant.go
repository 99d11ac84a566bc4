package bench

import (
	"context"
	"time"
)

// Variant is one of the three ways to take an order through its life.
type Variant string

// The variants.
const (
	Floor     Variant = "floor"     // bare workflows, updates and provider calls that do nothing
	Packhorse Variant = "packhorse" // the real thing
	Naive     Variant = "naive"     // the floor, and one activity with one statement per transition
)

// Variants are all, in the order of tables.
var Variants = []Variant{Floor, Packhorse, Naive}

// Step is a step of an order's life whose latency is measured.
type Step string

// The steps. Submit and event are one update each; ship is that of shipping and, before it, the wait for the provider's
// acceptance, which for the bare variants happens inside the update.
const (
	Create Step = "create" // from the start of the order's workflow to its completion
	Submit Step = "submit"
	Ship   Step = "ship"
	Event  Step = "event"
)

// Accept is no step, but what a service makes of its time: from the request to its acceptance, of Packhorse alone.
const Accept Step = "accept"

// Steps are all, in the order of a life.
var Steps = []Step{Create, Submit, Ship, Event}

// timer is told how long a step took.
type timer func(step Step, took time.Duration)

// time runs a step and tells how long it took.
func (t timer) time(step Step, do func() error) error {
	started := time.Now()
	err := do()
	t(step, time.Since(started))
	return err
}

// driver takes orders of one variant through their lives, from outside, as their callers.
type driver interface {
	// live takes a new order through its life, and returns the IDs of its workflows.
	live(ctx context.Context, took timer) (workflowIDs []string, err error)
}
