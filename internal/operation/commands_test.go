package operation

import (
	"context"
	"testing"

	"go.temporal.io/sdk/client"

	"packhorse/internal/fulfillment"
)

// server answers every update at once, and keeps its ID.
type server struct {
	client.Client // nil: nothing else is asked of it

	updateIDs []string
}

// UpdateWorkflow keeps what it was asked.
func (s *server) UpdateWorkflow(
	_ context.Context, update client.UpdateWorkflowOptions,
) (client.WorkflowUpdateHandle, error) {
	s.updateIDs = append(s.updateIDs, update.UpdateID)
	return done{}, nil
}

// done is the handle of an update that has ended.
type done struct{ client.WorkflowUpdateHandle }

// Get has nothing to tell.
func (done) Get(context.Context, any) error { return nil }

func TestSendFillsTheEnvelope(t *testing.T) {
	t.Parallel()
	s := &server{}
	c := NewCommands(s, nil, Options{})
	send := func(cmd fulfillment.Command) {
		t.Helper()
		if _, err := c.Send(t.Context(), 7, cmd); err != nil {
			t.Fatal(err)
		}
	}
	filled := &fulfillment.PlaceHold{Reason: fulfillment.HoldOther}
	send(filled)
	send(filled)
	send(&fulfillment.PlaceHold{Reason: fulfillment.HoldOther})
	if filled.CommandID == "" || filled.FirstID == 0 {
		t.Errorf("the caller can't repeat the command: its envelope is %+v", filled.Meta)
	}
	if s.updateIDs[0] != s.updateIDs[1] {
		t.Errorf(
			"what the caller repeated was sent as %q, and then as another update: %q", s.updateIDs[0], s.updateIDs[1],
		)
	}
	if s.updateIDs[0] == s.updateIDs[2] {
		t.Errorf("another command of the same content was sent as the same update %q", s.updateIDs[0])
	}
	given := &fulfillment.PlaceHold{
		Meta: fulfillment.Meta{CommandID: "mine", FirstID: 5}, Reason: fulfillment.HoldOther,
	}
	send(given)
	if given.CommandID != "mine" || given.FirstID != 5 {
		t.Errorf("what the caller gave was replaced: %+v", given.Meta)
	}
}
