package news

import (
	"encoding/json"
	"slices"

	"packhorse/internal/fulfillment"
)

// InOrder tells whether a later piece of news of the same request can take the place of this one, so that one is told
// at a time and an older one not after it. Its system counts, else nobody can tell. What has left, and where it is, is
// news whenever it comes.
func (i Item) InOrder() bool {
	if i.Sequence == 0 || i.About.RequestKey == "" {
		return false
	}
	switch i.Verb {
	case fulfillment.VerbHold, fulfillment.VerbReleaseHold, fulfillment.VerbUpdateTracking,
		fulfillment.VerbCancelFulfillment, fulfillment.VerbAcceptCancellationRequest,
		fulfillment.VerbRejectCancellationRequest:
		return true
	}
	return false
}

// Overtaken tells whether what was told of the same request has taken the place of news that is told [Item.InOrder]:
// then it is not told. Of news that is, it returns what is left of it: who releases all holds does not release those
// that were placed after that.
func (i Item) Overtaken(told []Item) (left Item, overtaken bool) {
	later := slices.DeleteFunc(slices.Clone(told), func(t Item) bool { return t.Sequence <= i.Sequence })
	switch i.Verb {
	case fulfillment.VerbHold:
		handle := i.hold().Handle
		return i, slices.ContainsFunc(later, func(t Item) bool { return t.holds(handle) || t.releases(handle) })
	case fulfillment.VerbReleaseHold:
		return i.releasesOf(told, later)
	case fulfillment.VerbUpdateTracking:
		changes := is(fulfillment.VerbUpdateTracking, fulfillment.VerbCancelFulfillment)
		return i, slices.ContainsFunc(later, func(t Item) bool {
			return changes(t) && t.About.Shipment == i.About.Shipment
		})
	case fulfillment.VerbAcceptCancellationRequest, fulfillment.VerbRejectCancellationRequest:
		return i, slices.ContainsFunc(later,
			is(fulfillment.VerbAcceptCancellationRequest, fulfillment.VerbRejectCancellationRequest))
	}
	return i, false
}

func is(verbs ...fulfillment.Verb) func(Item) bool {
	return func(i Item) bool { return slices.Contains(verbs, i.Verb) }
}

// releasesOf is a release without the holds that were placed later.
func (i Item) releasesOf(told, later []Item) (left Item, overtaken bool) {
	var placed []string
	for _, t := range told {
		if t.Verb == fulfillment.VerbHold && i.releases(t.hold().Handle) {
			placed = append(placed, t.hold().Handle)
		}
	}
	mine := slices.DeleteFunc(slices.Compact(slices.Sorted(slices.Values(placed))), func(handle string) bool {
		return slices.ContainsFunc(later, func(t Item) bool { return t.holds(handle) })
	})
	anew := func(t Item) bool { return t.Verb == fulfillment.VerbHold && i.releases(t.hold().Handle) }
	switch {
	case !slices.ContainsFunc(later, anew):
		return i, false
	case len(mine) == 0:
		return i, true
	}
	release := i.release()
	release.Handles = mine
	left = i
	left.Payload, _ = json.Marshal(release) // It is plain data.
	return left, false
}

func (i Item) holds(handle string) bool {
	return i.Verb == fulfillment.VerbHold && i.hold().Handle == handle
}

func (i Item) releases(handle string) bool {
	if i.Verb != fulfillment.VerbReleaseHold {
		return false
	}
	handles := i.release().Handles
	return handles == nil || slices.Contains(handles, handle)
}

func (i Item) hold() (cmd fulfillment.PlaceHold) {
	_ = json.Unmarshal(i.Payload, &cmd) // It was written by Told.
	return cmd
}

func (i Item) release() (cmd fulfillment.ReleaseHold) {
	_ = json.Unmarshal(i.Payload, &cmd) // It was written by Told.
	return cmd
}
