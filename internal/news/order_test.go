package news

import (
	"encoding/json"
	"testing"

	"packhorse/internal/fulfillment"
)

// counted is news with its place.
func counted(t *testing.T, sequence int64, shipment string, cmd fulfillment.Command) Item {
	t.Helper()
	payload, err := json.Marshal(cmd)
	if err != nil {
		t.Fatal(err)
	}
	return Item{Sequence: sequence, Verb: cmd.Verb(), Payload: payload, About: Subject{
		RequestKey: fulfillment.EffectKey(7, 12), Shipment: shipment,
	}}
}

// TestOvertaken: what was told later takes the place of what it is about, and of nothing else.
func TestOvertaken(t *testing.T) {
	t.Parallel()
	hold := func(sequence int64, handle string) Item {
		return counted(t, sequence, "", &fulfillment.PlaceHold{Reason: fulfillment.HoldOther, Handle: handle})
	}
	release := func(sequence int64, handles ...string) Item {
		return counted(t, sequence, "", &fulfillment.ReleaseHold{OwnOnly: true, Handles: handles})
	}
	tracking := func(sequence int64, shipment string) Item {
		return counted(t, sequence, shipment, &fulfillment.UpdateTracking{})
	}
	for name, c := range map[string]struct {
		news      Item
		told      []Item
		overtaken bool
		left      []string // handles of a release, if that is not all that it had
	}{
		"nothing else":                        {hold(3, "a"), nil, false, nil},
		"a hold, released":                    {hold(3, "a"), []Item{release(4, "a")}, true, nil},
		"a hold, all released":                {hold(3, "a"), []Item{release(4)}, true, nil},
		"a hold, another released":            {hold(3, "a"), []Item{release(4, "b")}, false, nil},
		"a hold, released before":             {hold(5, "a"), []Item{release(4, "a")}, false, nil},
		"a hold, placed anew":                 {hold(3, "a"), []Item{hold(5, "a")}, true, nil},
		"another hold":                        {hold(3, "a"), []Item{hold(5, "b")}, false, nil},
		"a release, and the hold anew":        {release(4, "a"), []Item{hold(3, "a"), hold(5, "a")}, true, nil},
		"a release of all, and a hold of old": {release(4), []Item{hold(3, "a")}, false, nil},
		"a release of all, and a hold anew":   {release(4), []Item{hold(5, "a")}, true, nil},
		"a release of all, and another hold":  {release(4), []Item{hold(5, "b"), hold(3, "a")}, false, []string{"a"}},
		"tracking, changed since":             {tracking(3, "S1"), []Item{tracking(4, "S1")}, true, nil},
		"tracking of another shipment":        {tracking(3, "S1"), []Item{tracking(4, "S2")}, false, nil},
		"tracking, taken back since": {
			tracking(3, "S1"), []Item{counted(t, 4, "S1", &fulfillment.CancelFulfillment{})}, true, nil,
		},
		"a no to stopping, before the yes": {
			counted(t, 3, "", &fulfillment.RejectCancellationRequest{}),
			[]Item{counted(t, 4, "", &fulfillment.AcceptCancellationRequest{})}, true, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if !c.news.InOrder() {
				t.Fatal("it is told whenever it comes")
			}
			left, overtaken := c.news.Overtaken(c.told)
			if overtaken != c.overtaken {
				t.Errorf("overtaken: %v", overtaken)
			}
			want := c.news.release().Handles
			if c.left != nil {
				want = c.left
			}
			if got := left.release(); c.news.Verb == fulfillment.VerbReleaseHold &&
				(len(got.Handles) != len(want) || len(want) > 0 && got.Handles[0] != want[0] || !got.OwnOnly) {
				t.Errorf("it releases %v, want %v", got.Handles, want)
			}
		})
	}
}

// TestToldWheneverItComes: what has left and where it is, and what nobody counts.
func TestToldWheneverItComes(t *testing.T) {
	t.Parallel()
	for _, i := range []Item{
		counted(t, 3, "S1", &fulfillment.CreateFulfillment{}), counted(t, 3, "S1", &fulfillment.RecordEvent{}),
		counted(t, 0, "", &fulfillment.ReleaseHold{}), counted(t, 3, "", &fulfillment.AcceptFulfillmentRequest{}),
	} {
		if i.InOrder() {
			t.Errorf("%s waits for its turn", i.Verb)
		}
	}
}
