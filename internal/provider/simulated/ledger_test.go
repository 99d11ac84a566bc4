package simulated_test

import (
	"context"
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
	"packhorse/internal/provider/simulated"
)

// now is exact to the microsecond, as PostgreSQL is.
var now = time.Date(2026, 3, 1, 12, 0, 0, 123456000, time.UTC)

func effect(key string) simulated.Effect {
	settings := simulated.DefaultSettings()
	settings.RejectionReasons = []fulfillment.RejectionReason{"INVALID_SKU"}
	return simulated.Effect{
		Key: key, Kind: simulated.KindCreate, FulfillmentOrderID: 5, ServiceID: 7, Reference: "R", CreatedAt: now,
		Settings: settings, OrderID: 3, Units: []fulfillment.Quantity{{ID: 9, Quantity: 2}},
		Answer: provider.Answer{Outcome: fulfillment.OutcomeAccepted, Reference: "R", EstimatedShippedAt: &now},
	}
}

func task(key, name string, due time.Duration) simulated.Task {
	return simulated.Task{Key: key, FulfillmentOrderID: 5, ServiceID: 7, DueAt: now.Add(due), Step: simulated.Step{
		Name: name, Verb: fulfillment.VerbCreateFulfillment, Body: json.RawMessage(`{"message": "m"}`),
		Then: []simulated.Step{
			{
				Name: name + "-then", After: fulfillment.Duration(time.Second), Verb: fulfillment.VerbRecordEvent,
				Body: json.RawMessage(`{}`),
			},
		},
	}}
}

func TestLedger(t *testing.T) {
	t.Parallel()
	for ledger, open := range ledgers {
		for name, check := range map[string]func(*testing.T, simulated.Ledger){
			"keeps_what_came_first":                            testFirst,
			"hands_out_in_order_of_time":                       testOrder,
			"hands_out_again_after_the_lease":                  testLease,
			"hands_out_again_after_the_lease_of_a_wrong_clock": testLeaseOfAWrongClock,
			"finishes_once":                                    testFinish,
			"postpones":                                        testPostpone,
			"drops_what_nobody_works_on":                       testDrop,
			"drops_when_a_task_says_so":                        testDropByTask,
			"keeps_what_was_said_since":                        testSaid,
			"says_that_a_dropped_request_has_ended":            testSaidOfDropped,
			"does_nothing_for_whoever_is_gone":                 testGone,
			"repeats_schedule_and_drop_no_second":              testRepeat,
		} {
			t.Run(ledger+"/"+name, func(t *testing.T) {
				t.Parallel()
				check(t, open(t))
			})
		}
	}
}

func testFirst(t *testing.T, l simulated.Ledger) {
	if _, ok, err := l.Find(t.Context(), "a"); ok || err != nil {
		t.Errorf("found (%t, %v) before there is anything", ok, err)
	}
	first := record(t, l, effect("a"))
	want := effect("a")
	want.Calls, want.Effects = 1, 1
	requireEqual(t, first, want)
	other := effect("a")
	other.Reference, other.CreatedAt = "other", now.Add(time.Hour)
	want.Calls = 2
	requireEqual(t, record(t, l, other), want)
	got, ok, err := l.Find(t.Context(), "a")
	if !ok || err != nil {
		t.Errorf("found %t, %v", ok, err)
	}
	requireEqual(t, got, want)
	later := effect("b")
	later.CreatedAt = now.Add(time.Second)
	record(t, l, later)
	if all := allEffects(t, l); len(all) != 2 || all[0].Key != "a" || all[1].Key != "b" {
		t.Errorf("effects %+v, want a and b", all)
	}
}

func requireEqual(t *testing.T, got, want simulated.Effect) {
	t.Helper()
	got.CreatedAt = got.CreatedAt.UTC()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func testOrder(t *testing.T, l simulated.Ledger) {
	record(
		t, l, effect("a"), task("a", "third", 3*time.Second), task("a", "first", time.Second),
		task("a", "second", 2*time.Second), task("a", "late", time.Hour),
	)
	requireNext(t, l, 0, time.Second)
	requireNames(t, claim(t, l, 0, 10))
	requireNames(t, claim(t, l, 5*time.Second, 2), "first", "second")
	requireNext(t, l, 5*time.Second, 3*time.Second)
	requireNames(t, claim(t, l, 5*time.Second, 2), "third")
	requireNames(t, claim(t, l, 5*time.Second, 2))
	requireNext(t, l, 5*time.Second, time.Hour)
}

func testLease(t *testing.T, l simulated.Ledger) {
	record(t, l, effect("a"), task("a", "ship", 0))
	for attempt, at := range []time.Duration{0, time.Minute, 2 * time.Minute} { // The lease is a minute.
		tasks := claim(t, l, at, 10)
		requireNames(t, tasks, "ship")
		if tasks[0].Attempts != attempt+1 {
			t.Errorf("attempt %d, want %d", tasks[0].Attempts, attempt+1)
		}
		requireNames(t, claim(t, l, at+time.Minute-time.Microsecond, 10))
	}
}

// testLeaseOfAWrongClock: a process whose clock is a day ahead, and dies, keeps nothing for a day; nor does one that is
// behind.
func testLeaseOfAWrongClock(t *testing.T, l simulated.Ledger) {
	record(t, l, effect("a"), task("a", "ship", 0))
	requireNames(t, claim(t, l, 24*time.Hour, 10), "ship")
	requireNames(t, claim(t, l, 0, 10), "ship")
	requireNames(t, claim(t, l, 0, 10))
	requireNames(t, claim(t, l, -24*time.Hour, 10))
	requireNames(t, claim(t, l, time.Minute, 10), "ship")
}

func testFinish(t *testing.T, l simulated.Ledger) {
	record(t, l, effect("a"), task("a", "ship", 0))
	ship := claim(t, l, 0, 10)[0]
	news := task("a", "news", time.Second)
	news.FulfillmentID = 9
	for range 2 { // The second is a process that took it over.
		if err := l.Finish(t.Context(), ship, "done", nil, []simulated.Task{news}, ""); err != nil {
			t.Fatal(err)
		}
	}
	got := claim(t, l, time.Hour, 10)
	requireNames(t, got, "news")
	if got[0].FulfillmentID != 9 || got[0].FulfillmentOrderID != 5 || got[0].ServiceID != 7 || got[0].Key != "a" ||
		len(got[0].Step.Then) != 1 || got[0].Step.Then[0].After != fulfillment.Duration(time.Second) ||
		got[0].Step.Verb != fulfillment.VerbCreateFulfillment {
		t.Errorf("the task came back as %+v", got[0])
	}
	if err := l.Finish(t.Context(), got[0], "refused", nil, nil, ""); err != nil {
		t.Fatal(err)
	}
	if due, ok, err := l.Next(t.Context(), now.Add(24*time.Hour)); ok || err != nil {
		t.Errorf("something is due at %s (%v), want nothing", due, err)
	}
}

func testPostpone(t *testing.T, l simulated.Ledger) {
	record(t, l, effect("a"), task("a", "ship", 0))
	ship := claim(t, l, 0, 10)[0]
	if err := l.Postpone(t.Context(), ship, now.Add(5*time.Second), "away"); err != nil {
		t.Fatal(err)
	}
	requireNames(t, claim(t, l, 4*time.Second, 10))
	requireNext(t, l, 4*time.Second, 5*time.Second)
	again := claim(t, l, 5*time.Second, 10)
	requireNames(t, again, "ship")
	if again[0].Attempts != 2 {
		t.Errorf("attempt %d, want 2", again[0].Attempts)
	}
}

func testDrop(t *testing.T, l simulated.Ledger) {
	news := task("a", "news", time.Minute)
	news.FulfillmentID = 9
	// Claimed later than the cancellation was called: a process works on it.
	record(t, l, effect("a"), task("a", "working", -time.Second), task("a", "next", time.Minute), news)
	record(t, l, effect("b"), task("b", "of another", time.Minute))
	requireNames(t, claim(t, l, 0, 10), "working")
	cancel := effect("c")
	cancel.Kind = simulated.KindCancel
	if _, err := l.Record(
		t.Context(), cancel, []simulated.Task{task("c", "own", time.Minute)}, "a", false,
	); err != nil {
		t.Fatal(err)
	}
	requireSet(t, claim(t, l, time.Hour, 10), "working", "news", "of another", "own")
}

// A dropping task is finished now, by the clock of the process.
func testDropByTask(t *testing.T, l simulated.Ledger) {
	record(t, l, effect("a"), task("a", "ship", 0))
	record(t, l, effect("c"), task("c", "accept cancellation", -time.Minute))
	accept := claim(t, l, -time.Second, 10)
	requireNames(t, accept, "accept cancellation")
	if err := l.Finish(t.Context(), accept[0], "done", nil, nil, "a"); err != nil {
		t.Fatal(err)
	}
	requireNames(t, claim(t, l, time.Hour, 10))
}

func testSaid(t *testing.T, l simulated.Ledger) {
	record(t, l, effect("a"), task("a", "answer", 0), task("a", "next", time.Minute))
	answer := claim(t, l, 0, 10)[0]
	said := provider.Answer{Outcome: fulfillment.OutcomeRejected, Reason: fulfillment.RejectOther, Message: "No."}
	for _, said := range []*provider.Answer{&said, {Outcome: fulfillment.OutcomeAccepted}} { // It ends once.
		if err := l.Finish(t.Context(), answer, "done", said, nil, ""); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Finish(t.Context(), claim(t, l, time.Hour, 10)[0], "done", nil, nil, ""); err != nil {
		t.Fatal(err)
	}
	requireSaid(t, l, "a", &said)
	if e, _, _ := l.Find(t.Context(), "a"); e.Answer.Outcome != fulfillment.OutcomeAccepted {
		t.Errorf("the call was answered %+v", e.Answer)
	}
}

// A request that is dropped has ended, unless a parcel of it has left.
func testSaidOfDropped(t *testing.T, l simulated.Ledger) {
	for _, key := range []string{"stopped", "shipped"} {
		record(t, l, effect(key))
	}
	record(t, l, effect("parcel"), task("shipped", "ship", 0))
	if err := l.Finish(t.Context(), claim(t, l, 0, 10)[0], "done", nil, nil, ""); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"stopped", "shipped", "parcel"} {
		requireSaid(t, l, key, nil)
	}
	for _, key := range []string{"stopped", "shipped"} {
		if _, err := l.Record(t.Context(), effect("cancel "+key), nil, key, false); err != nil {
			t.Fatal(err)
		}
	}
	if e, _, _ := l.Find(t.Context(), "stopped"); e.Said == nil || e.Said.Outcome != fulfillment.OutcomeRejected {
		t.Errorf("of a request that was stopped is said %+v", e.Said)
	}
	requireSaid(t, l, "shipped", nil)
}

func requireSaid(t *testing.T, l simulated.Ledger, key string, want *provider.Answer) {
	t.Helper()
	if e, ok, err := l.Find(t.Context(), key); !ok || err != nil || !reflect.DeepEqual(e.Said, want) {
		t.Errorf("of %s is said %+v (found %t, %v), want %+v", key, e.Said, ok, err, want)
	}
}

func testRepeat(t *testing.T, l simulated.Ledger) {
	record(t, l, effect("a"), task("a", "ship", 0))
	record(t, l, effect("a"), task("a", "ship", 0))
	requireNames(t, claim(t, l, 0, 10), "ship")
	record(t, l, effect("b"), task("b", "ship", 0))
	if _, err := l.Record(t.Context(), effect("a"), nil, "b", true); err != nil {
		t.Fatal(err)
	}
	requireNames(t, claim(t, l, 0, 10), "ship")
}

func testGone(t *testing.T, l simulated.Ledger) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.Record(ctx, effect("a"), []simulated.Task{task("a", "ship", 0)}, "", false); err == nil {
		t.Error("recorded for a caller who is gone")
	}
	if _, err := l.Claim(ctx, now, time.Minute, 1); err == nil {
		t.Error("claimed for a caller who is gone")
	}
	if len(allEffects(t, l)) != 0 {
		t.Error("an effect was left")
	}
	requireNames(t, claim(t, l, time.Hour, 10))
}

func record(t *testing.T, l simulated.Ledger, e simulated.Effect, tasks ...simulated.Task) simulated.Effect {
	t.Helper()
	recorded, err := l.Record(t.Context(), e, tasks, "", false)
	if err != nil {
		t.Fatal(err)
	}
	return recorded
}

func claim(t *testing.T, l simulated.Ledger, at time.Duration, limit int) []simulated.Task {
	t.Helper()
	tasks, err := l.Claim(t.Context(), now.Add(at), time.Minute, limit)
	if err != nil {
		t.Fatal(err)
	}
	return tasks
}

func requireNext(t *testing.T, l simulated.Ledger, at, want time.Duration) {
	t.Helper()
	due, ok, err := l.Next(t.Context(), now.Add(at))
	if err != nil || !ok || !due.Equal(now.Add(want)) {
		t.Errorf("next at %s (%t, %v), want %s", due, ok, err, now.Add(want))
	}
}

func requireNames(t *testing.T, tasks []simulated.Task, want ...string) {
	t.Helper()
	var got []string
	for _, x := range tasks {
		got = append(got, x.Step.Name)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("tasks %v, want %v", got, want)
	}
}

func requireSet(t *testing.T, tasks []simulated.Task, want ...string) {
	t.Helper()
	got := make(map[string]bool)
	for _, x := range tasks {
		got[x.Step.Name] = true
	}
	if len(got) != len(want) || len(tasks) != len(want) {
		t.Errorf("tasks %v, want %v", got, want)
	}
	for _, name := range want {
		if !got[name] {
			t.Errorf("task %q is gone", name)
		}
	}
}
