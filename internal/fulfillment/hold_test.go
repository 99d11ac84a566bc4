package fulfillment

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

const holdLimit = "The maximum number of fulfillment holds for this fulfillment order has been reached for this " +
	"app. An app can only have up to 10 holds on a single fulfillment order at any one time."

func tenHolds(app string) *FulfillmentOrder {
	fo := inState(ownLocation, StatusOnHold, RequestUnsubmitted)
	fo.Holds = nil
	for i := range 10 {
		fo.Holds = append(
			fo.Holds, Hold{ID: ID(31 + i), Reason: HoldOther, Handle: strconv.Itoa(i), HeldBy: Actor{App: app}},
		)
	}
	return fo
}

func TestHoldAnnouncesTheFirstOnly(t *testing.T) {
	t.Parallel()
	first := done(t, inState(ownLocation, StatusOpen, RequestUnsubmitted), &PlaceHold{Reason: HoldOther})
	second := done(t, first.State, &PlaceHold{Reason: HoldIncorrectAddress, Handle: "b"})
	if !slices.Equal(first.Transitions[0].Topics, []string{TopicHoldAdded, TopicPlacedOnHold}) ||
		!slices.Equal(second.Transitions[0].Topics, []string{TopicHoldAdded}) {
		t.Errorf("topics %v, then %v", first.Transitions[0].Topics, second.Transitions[0].Topics)
	}
	if len(second.State.Holds) != 2 || second.Result.HoldID != second.State.Holds[1].ID {
		t.Errorf("holds %+v", second.State.Holds)
	}
}

// TestHoldAPart: the held units keep the ID and the line IDs.
func TestHoldAPart(t *testing.T) {
	t.Parallel()
	d := done(
		t, twoLines(ownLocation, StatusOpen, RequestUnsubmitted),
		&PlaceHold{Reason: HoldOther, Lines: []Quantity{{11, 1}}},
	)
	s := d.Siblings[0]
	if amounts(d.State) != "11:1/1" || s.ID != 1000 || amounts(s) != "1001:2/2 1002:2/2" || s.Status != StatusOpen ||
		d.Result.SiblingRole != SiblingRemaining {
		t.Errorf("held %s, rest %s %s", amounts(d.State), s.Status, amounts(s))
	}
	whole := done(
		t, twoLines(ownLocation, StatusOpen, RequestUnsubmitted),
		&PlaceHold{Reason: HoldOther, Lines: []Quantity{{11, 3}, {12, 2}}},
	)
	if len(whole.Siblings) > 0 {
		t.Error("a hold on every unit made a sibling")
	}
}

func TestHoldRefusals(t *testing.T) {
	t.Parallel()
	lines := []string{"fulfillmentHold", "fulfillmentOrderLineItems"}
	open, held, ten := inState(ownLocation, StatusOpen, RequestUnsubmitted), inState(
		ownLocation, StatusOnHold, RequestUnsubmitted,
	), tenHolds("")
	for _, c := range []struct {
		rule    string
		fo      *FulfillmentOrder
		cmd     PlaceHold
		code    Code
		message string
		field   []string
	}{
		{"a handle is used once by an app", held, PlaceHold{Handle: "first"}, CodeDuplicateHandle,
			"The handle provided for the fulfillment hold is already in use by this app for another hold on this " +
				"fulfillment order.", []string{
				"fulfillmentHold", "handle",
			}},
		{
			"no part of what is held", held, PlaceHold{Lines: []Quantity{{11, 1}}}, CodeNotSplittable,
			"The fulfillment order is not in a splittable state.", lines,
		},
		{"ten holds by one app", ten, PlaceHold{Handle: "x"}, CodeHoldLimit, holdLimit, []string{"id"}},
		{"zero units even at ten holds", ten, PlaceHold{Handle: "x", Lines: []Quantity{{11, 0}}}, CodeGreaterThanZero,
			"You must select at least one item to place on partial hold.", append(lines, "0", "quantity")},
		{
			"repeated lines even at ten holds", ten, PlaceHold{Handle: "x", Lines: []Quantity{{11, 1}, {11, 1}}},
			CodeDuplicateLines, "must contain unique line item ids", lines,
		},
		{
			"more than remains", open, PlaceHold{Lines: []Quantity{{11, 4}}}, CodeInvalidLineItem,
			"Invalid fulfillment order line item quantity requested.", lines,
		},
		{
			"a handle of 65 characters", open, PlaceHold{Handle: strings.Repeat("é", 65)}, CodeInvalid,
			"is too long (maximum is 64 characters)", []string{"fulfillmentHold", "handle"},
		},
		{
			"an unknown reason", open, PlaceHold{Reason: "BORED"}, CodeInvalid, `"BORED" is not a hold reason. Use one of: ` +
				`AWAITING_PAYMENT, AWAITING_RETURN_ITEMS, HIGH_RISK_OF_FRAUD, INCORRECT_ADDRESS, INVENTORY_OUT_OF_STOCK, ` +
				`ONLINE_STORE_POST_PURCHASE_CROSS_SELL, OTHER, UNKNOWN_DELIVERY_DATE.`,
			[]string{"fulfillmentHold", "reason"},
		},
		{
			"expired before it began", open, PlaceHold{ExpiresAt: &testTime}, CodeInvalid,
			"Expires at must be in the future.", []string{"fulfillmentHold", "expiresAt"},
		},
	} {
		t.Run(c.rule, func(t *testing.T) {
			t.Parallel()
			if c.cmd.Reason == "" {
				c.cmd.Reason = HoldOther
			}
			refused(t, c.fo, &c.cmd, c.code, c.message, c.field...)
		})
	}
	done(t, open, &PlaceHold{Reason: HoldOther, Handle: strings.Repeat("é", 64)})
}

func TestHoldsAreCountedPerApp(t *testing.T) {
	t.Parallel()
	other := Actor{Role: RoleMerchant, App: "other"}
	fo := tenHolds("shop")
	if got := joinedActions(fo.SupportedActions(merchant)); got != "MOVE RELEASE_HOLD" {
		t.Errorf("with ten holds, the app may %s", got)
	}
	d := done(t, fo, &PlaceHold{Meta: Meta{Actor: other}, Reason: HoldOther, Handle: "0"})
	if len(d.State.Holds) != 11 || d.State.Holds[10].HeldBy != other {
		t.Errorf("got %+v", d.State.Holds)
	}
}

func TestReleaseHold(t *testing.T) {
	t.Parallel()
	fo := tenHolds("shop")
	fo.Holds[9].HeldBy.App = "other"
	named := done(t, fo, &ReleaseHold{HoldIDs: []ID{31, 33}})
	if len(named.State.Holds) != 8 || named.State.Status != StatusOnHold {
		t.Errorf("by ID: %s with %d holds", named.State.Status, len(named.State.Holds))
	}
	own := done(t, fo, &ReleaseHold{Meta: Meta{Actor: merchant}, OwnOnly: true})
	if len(own.State.Holds) != 1 || own.State.Holds[0].HeldBy.App != "other" || own.State.Status != StatusOnHold {
		t.Errorf("own: %s with %+v", own.State.Status, own.State.Holds)
	}
	all := done(t, fo, &ReleaseHold{})
	last := all.Transitions[len(all.Transitions)-1]
	if len(all.Transitions) != 10 || all.State.Status != StatusOpen ||
		!slices.Equal(last.Topics, []string{TopicHoldEnded, TopicHoldReleased}) {
		t.Errorf("all: %s after %d transitions, the last with %v", all.State.Status, len(all.Transitions), last.Topics)
	}
	refused(
		t, fo, &ReleaseHold{HoldIDs: []ID{31, 98, 99}}, CodeHoldNotFound,
		"There is no hold 98, 99 on this fulfillment order.", "holdIds",
	)
}

func TestReleaseHoldByHandle(t *testing.T) {
	t.Parallel()
	fo := tenHolds("shop")
	fo.Holds[9].HeldBy.App = "other"
	mine, others := fo.Holds[4].Handle, fo.Holds[9].Handle
	d := done(t, fo, &ReleaseHold{Meta: Meta{Actor: merchant}, OwnOnly: true, Handles: []string{mine, others}})
	if len(d.State.Holds) != 9 || slices.ContainsFunc(d.State.Holds, func(h Hold) bool { return h.Handle == mine }) {
		t.Errorf("the hold %q is to be released alone, of %q is another app's; left are %+v", mine, others, d.State.Holds)
	}
	refused(
		t, fo, &ReleaseHold{Meta: Meta{Actor: merchant}, OwnOnly: true, Handles: []string{others}}, CodeHoldNotFound,
		"There is no hold with such a handle to release.", "handles",
	)
	refused(
		t, fo, &ReleaseHold{Handles: make([]string, MaxLines+1)}, CodeInvalid,
		fmt.Sprintf("There may be up to %d handles.", MaxLines), "handles",
	)
}

func TestHoldEndsReportedProgress(t *testing.T) {
	t.Parallel()
	if d := done(
		t, reported(), &PlaceHold{Reason: HoldOther, ExpiresAt: new(testTime.Add(time.Hour))},
	); d.State.ProgressReported {
		t.Error("progress is still reported")
	}
}
