package audit

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"packhorse/internal/fulfillment"
)

// checkRows compares what lists and searches read with the snapshots: the row, its lines, and the shipments with their
// lines and the carriers' news. The store numbers shipments itself, so of their names it only asks that they are made
// of the order's name and a number, and tell the shipments of an order apart.
//
// The times of commits are the database's own: all that is asked of them is that none was changed before it was made.
//
// What is due may be due earlier than the snapshot says: so the watch is made to look at a fulfillment order. Nobody
// looks at what is due later, or never.
func checkRows(e *evidence, a *Assertion) {
	named := map[fulfillment.ID]map[string]bool{} // names of shipments by order
	for _, id := range e.foIDs {
		a.Checked++
		fo := e.fos[id]
		var siblings []*fulfillment.FulfillmentOrder
		if o := e.orders[fo.OrderID]; o != nil {
			siblings = o.snapshots
			if o.Name != fo.Snapshot.OrderName {
				a.violated(
					o.ID, 0, "the order is called %q, in the snapshot of %d %q", o.Name, id, fo.Snapshot.OrderName,
				)
			}
		}
		want, err := snapshotRows(fo.Snapshot, siblings)
		if err != nil {
			a.violated(fo.OrderID, id, "its snapshot makes no rows: %v", err)
			continue
		}
		differ := func(format string, args ...any) { a.violated(fo.OrderID, id, format, args...) }
		compareRows("the row", fo.Row, want.row, differ)
		compareRows("its line", fo.Lines, want.lines, differ)
		compareRows("its shipment", fo.Shipments, want.shipments, differ)
		checkCommitTimes("the row", fo.Row, differ)
		checkCommitTimes("its shipment", fo.Shipments, differ)
		if at, ok := fo.Snapshot.DueAt(); ok {
			if due := fo.DueAt; due == nil {
				differ("the row is never due; it is at %s", exact(at))
			} else if due.Sub(at) > tick {
				differ("the row is due at %s; it is at %s", exact(*due), exact(at))
			}
		}

		if named[fo.OrderID] == nil {
			named[fo.OrderID] = map[string]bool{}
		}
		for _, shipment := range fo.Shipments {
			switch name, _ := shipment["name"].(string); {
			case !isShipmentName(name, fo.Snapshot.OrderName):
				differ(
					"its shipment %v is called %q; it should be %q and a number", shipment["id"], name,
					fo.Snapshot.OrderName+shipmentMark,
				)
			case named[fo.OrderID][name]:
				differ("its shipment %v is called %q, as is another one of the order", shipment["id"], name)
			default:
				named[fo.OrderID][name] = true
			}
		}
	}
}

// checkCommitTimes tells which rows were changed before they were made.
func checkCommitTimes(what string, rows []columns, differ func(format string, args ...any)) {
	for _, row := range rows {
		created, updated := row.time("created_at"), row.time("updated_at")
		if created.IsZero() || updated.Before(created) {
			differ(
				"%s %v was committed first at %v and last at %v", what, row["id"], row["created_at"], row["updated_at"],
			)
		}
	}
}

// shipmentMark is between the name of an order and the number of one of its shipments, which counts from 1.
const shipmentMark = "-F"

func isShipmentName(name, orderName string) bool {
	number, ok := strings.CutPrefix(name, orderName+shipmentMark)
	n, err := strconv.Atoi(number)
	return ok && err == nil && n > 0 && strconv.Itoa(n) == number
}

// compareRows compares rows with those that the snapshot makes, by their IDs.
func compareRows(what string, rows, want []columns, differ func(format string, args ...any)) {
	byID := map[any]columns{}
	for _, row := range rows {
		byID[row["id"]] = row
	}
	for _, w := range want {
		id := w["id"]
		row := byID[id]
		delete(byID, id)
		if row == nil {
			differ("%s %v is not there; it is in the snapshot", what, id)
		} else if differences := row.differences(w); len(differences) > 0 {
			differ("%s %v: %s", what, id, strings.Join(differences, "; "))
		}
	}
	for _, row := range rows {
		if id := row["id"]; byID[id] != nil {
			differ("%s %v is there; it is not in the snapshot", what, id)
		}
	}
}

// differences names the columns that are not as the snapshot makes them, with both values.
func (c columns) differences(want columns) []string {
	var differ []string
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if value, there := c[name]; !there || !agree(value, want[name]) {
			differ = append(
				differ, fmt.Sprintf("%s is %s, in the snapshot %s", name, brief(text(value)), brief(text(want[name]))),
			)
		}
	}
	return differ
}

// tick is the finest difference of times in the store. Some columns are cut to it and others are rounded.
const tick = time.Microsecond

// agree compares two values of JSON. Times are equal that are not more than a tick apart, and so are a number and the
// same as text: IDs in rows from before are numbers.
func agree(a, b any) bool {
	switch a := a.(type) {
	case map[string]any:
		b, ok := b.(map[string]any)
		return ok && maps.EqualFunc(a, b, agree)
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, b, agree)
	case json.Number:
		return a.String() == textOf(b)
	case string:
		return a == textOf(b) || near(a, textOf(b))
	}
	return a == b
}

// textOf is a text or the text of a number; empty: it is neither.
func textOf(value any) string {
	if n, ok := value.(json.Number); ok {
		return n.String()
	}
	text, _ := value.(string)
	return text
}

// exact is a time as a violation tells it that is about times.
func exact(at time.Time) string { return at.UTC().Format(time.RFC3339Nano) }

func near(a, b string) bool {
	at, err := time.Parse(time.RFC3339Nano, a)
	if err != nil {
		return false
	}
	other, err := time.Parse(time.RFC3339Nano, b)
	return err == nil && at.Sub(other).Abs() <= tick
}
