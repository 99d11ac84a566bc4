package workflows_test

import (
	"testing"

	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
	"packhorse/internal/temporalio"
	"packhorse/internal/worker/workertest"
)

// The worker dies before a return is committed, and between its commit and the answer: there is one return, and the
// caller is told of it.
func TestReturnSurvivesCrash(t *testing.T) {
	t.Parallel()
	for _, point := range []string{"before CommandReturn", "after CommandReturn"} {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			s := workertest.Start(t)
			fo, f := shipped(t, s, 2)
			s.StopWorker()
			process := startCrashing(t, s, point)
			told := make(chan error, 1)
			var r *returns.Return
			go func() {
				var err error
				_, r, err = s.Updates.BeginReturn(t.Context(), fo.OrderID, &returns.Create{Opened: back(f, 1)})
				told <- err
			}()
			isKilled(t, process, point)
			s.StartWorker()
			if err := <-told; err != nil {
				t.Fatal(err)
			}
			all, err := s.Store.OrderReturns(t.Context(), []fulfillment.ID{fo.OrderID})
			if err != nil || len(all[fo.OrderID]) != 1 || all[fo.OrderID][0].ID != r.ID || r.Sequence != 1 {
				t.Errorf("the order has %d returns (%v), and the caller was told of %+v", len(all[fo.OrderID]), err, r)
			}
			command(t, s, r.ID, &returns.Close{})
			replays(t, s, temporalio.ReturnID(r.ID))
		})
	}
}

// A return whose run was terminated goes on with the next command, from what the store has.
func TestReturnGoesOnAfterTermination(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	fo, f := shipped(t, s, 1)
	r := begin(t, s, fo.OrderID, &returns.Create{Opened: back(f, 1)})
	if err := s.Temporal.TerminateWorkflow(t.Context(), temporalio.ReturnID(r.ID), "", "test"); err != nil {
		t.Fatal(err)
	}
	if r = command(t, s, r.ID, &returns.Close{}); r.Status != returns.StatusClosed {
		t.Errorf("it is %s", r.Status)
	}
}

// When the database was set back, what it has now is what counts: a return goes on from there, with the command that
// was lost done again if it comes again; one that it does not have is lost, and its units can be returned anew.
func TestReturnOfADatabaseThatWasSetBack(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	fo, f := shipped(t, s, 2)
	kept := begin(t, s, fo.OrderID, &returns.Create{Opened: back(f, 1)})
	setBack := s.Copy()
	received := &returns.Receive{
		Meta:  fulfillment.Meta{CommandID: "scan"},
		Lines: []returns.ReceivedUnits{{ReturnLineID: kept.Lines[0].ID, Quantity: 1}},
	}
	command(t, s, kept.ID, received)
	again := &returns.Create{Meta: fulfillment.Meta{CommandID: "again"}, Opened: back(f, 1)}
	lost := begin(t, s, fo.OrderID, again)
	setBack()

	if r := command(t, s, kept.ID, received); r.ReceivedUnits() != 1 || r.Sequence != 2 {
		t.Errorf("the command that was lost came to %+v", r)
	}
	_, _, err := s.Updates.CommandReturn(t.Context(), lost.ID, &returns.Close{})
	if no, is := fulfillment.AsError(err); !is || no.Code != returns.CodeNotFound {
		t.Errorf("a command on what is lost: %v", err)
	}
	if err := s.Temporal.GetWorkflow(t.Context(), temporalio.ReturnID(lost.ID), "").Get(t.Context(), nil); err == nil {
		t.Error("the run of what is lost completed")
	}
	if r := begin(t, s, fo.OrderID, again); r.ID != lost.ID || r.Sequence != 1 {
		t.Errorf("made again it is %+v", r)
	}
	replays(t, s, temporalio.ReturnID(kept.ID))
}
