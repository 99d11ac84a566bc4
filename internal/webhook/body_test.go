package webhook_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
	"packhorse/internal/webhook"
)

var update = flag.Bool("update", false, "write the bodies of orders and shipments anew, to be read by a person")

// The numbers of these do not fit into 53 bits.
const (
	orderID            fulfillment.ID = 9007199254740995
	fulfillmentOrderID fulfillment.ID = 9007199254740997
	lamp, bulb         fulfillment.ID = 9007199254741011, 9007199254741013
	firstID            fulfillment.ID = 9007199254750001 // of what commands make
)

var (
	noon    = time.Date(2026, 3, 2, 11, 0, 7, 800_000_000, time.UTC)
	berlin  = location("Europe/Berlin")
	shop    = webhook.Shop{Namespace: "shopify", TimeZone: berlin, CurrencyCode: "EUR"}
	checker = access.App{ID: 440012, Handle: "fraud-check"}
	apps    = map[string]fulfillment.ID{"fraud-check": 440012, "stock": 440013}

	ownPlace = fulfillment.AssignedLocation{LocationID: 610, Name: "Berlin"}
	depot    = fulfillment.AssignedLocation{LocationID: 620, Name: "Depot", ServiceID: 77, ServiceName: "Depot"}
)

func location(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return zone
}

// fulfillmentOrder has three lamps and a bulb.
func fulfillmentOrder(at fulfillment.AssignedLocation) *fulfillment.FulfillmentOrder {
	return &fulfillment.FulfillmentOrder{
		ID: fulfillmentOrderID, OrderID: orderID, OrderName: "#1001", Status: fulfillment.StatusOpen,
		RequestStatus: fulfillment.RequestUnsubmitted, AssignedLocation: at, Sequence: 1,
		CreatedAt:      noon.Add(-time.Hour),
		DeliveryMethod: fulfillment.DeliveryShipping,
		Lines: []fulfillment.Line{
			{ID: 9007199254741021, LineItemID: lamp, Title: "Lamp", RequiresShipping: true, Total: 3, Remaining: 3},
			{ID: 9007199254741023, LineItemID: bulb, Title: "Bulb", RequiresShipping: true, Total: 1, Remaining: 1},
		},
	}
}

func but(
	fo *fulfillment.FulfillmentOrder, change func(*fulfillment.FulfillmentOrder),
) *fulfillment.FulfillmentOrder {
	change(fo)
	return fo
}

func inState(
	at fulfillment.AssignedLocation, s fulfillment.Status, r fulfillment.RequestStatus,
) *fulfillment.FulfillmentOrder {
	return but(fulfillmentOrder(at), func(fo *fulfillment.FulfillmentOrder) { fo.Status, fo.RequestStatus = s, r })
}

func lines(quantities ...int) []fulfillment.Quantity {
	var list []fulfillment.Quantity
	for i, n := range quantities {
		if n > 0 {
			list = append(list, fulfillment.Quantity{ID: 9007199254741021 + 2*fulfillment.ID(i), Quantity: n})
		}
	}
	return list
}

var (
	service = fulfillment.Meta{Actor: fulfillment.Actor{Role: fulfillment.RoleService, App: "depot", ServiceID: 77}}
	byApp   = fulfillment.Meta{Actor: fulfillment.Actor{Role: fulfillment.RoleMerchant, App: "fraud-check"}}
	byStock = fulfillment.Meta{Actor: fulfillment.Actor{Role: fulfillment.RoleMerchant, App: "stock"}}
)

func env() fulfillment.Env {
	return fulfillment.Env{Now: noon, IDs: fulfillment.NewIDs(firstID), AwaitsDelivery: true}
}

// after is what a fulfillment order is after commands, and all that the last one told.
func after(
	t *testing.T, fo *fulfillment.FulfillmentOrder, commands ...fulfillment.Command,
) (*fulfillment.FulfillmentOrder, []fulfillment.Transition) {
	t.Helper()
	var steps []fulfillment.Transition
	for i, cmd := range commands {
		e := env()
		e.IDs = fulfillment.NewIDs(firstID + fulfillment.ID(100*i))
		d, err := fo.Decide(cmd, e)
		if err != nil {
			t.Fatalf("%s: %v", cmd.Verb(), err)
		}
		fo, steps = d.State, append(d.Transitions, d.SiblingTransitions...)
	}
	return fo, steps
}

// entries are the events of transitions, as a reader of the feed has them.
func entries(t *testing.T, order *fulfillment.OrderTransition, steps ...fulfillment.Transition) []webhook.Entry {
	t.Helper()
	var list []webhook.Entry
	for _, e := range fulfillment.Events(orderID, order, steps) {
		payload, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		event, err := fulfillment.DecodeEvent(payload)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, webhook.Entry{Event: event, CommittedAt: noon.Add(time.Second)})
	}
	return list
}

// bodyOf is the body of the event of the topic.
func bodyOf(t *testing.T, topic string, facts webhook.Facts, to access.App, list []webhook.Entry) []byte {
	t.Helper()
	for _, e := range list {
		if e.Event.Topic == topic {
			body, err := shop.Body(e, facts, to)
			if err != nil {
				t.Fatal(err)
			}
			again, err := shop.Body(e, facts, to)
			if err != nil || !bytes.Equal(body, again) {
				t.Errorf("made again, the body of %s is another: %v", topic, err)
			}
			return body
		}
	}
	t.Fatalf("nobody is told of %s", topic)
	return nil
}

// matches compares a body with the file of its name.
func matches(t *testing.T, name string, body []byte) {
	t.Helper()
	path := filepath.Join("testdata", "bodies", name+".json")
	if *update {
		var text bytes.Buffer
		if err := json.Indent(&text, body, "", "  "); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, append(text.Bytes(), '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var want bytes.Buffer
	if err := json.Compact(&want, text); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want.String(), string(body)); diff != "" {
		t.Error(diff)
	}
}

func fileName(topic string) string { return strings.ReplaceAll(topic, "/", "__") }

// domainTopics are those that the domain has a name for.
func domainTopics(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob("../fulfillment/*.go")
	if err != nil {
		t.Fatal(err)
	}
	more, err := filepath.Glob("../returns/*.go")
	if err != nil {
		t.Fatal(err)
	}
	paths = append(paths, more...)
	var topics []string
	for _, path := range paths {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || !strings.HasPrefix(spec.Names[0].Name, "Topic") || len(spec.Values) != 1 {
				return true
			}
			if literal, ok := spec.Values[0].(*ast.BasicLit); ok {
				topic, err := strconv.Unquote(literal.Value)
				if err != nil {
					t.Fatal(err)
				}
				topics = append(topics, topic)
			}
			return true
		})
	}
	if len(topics) < 45 {
		t.Fatalf("found %v", topics)
	}
	slices.Sort(topics)
	return topics
}

// TestEveryTopicHasABody, and an example that is tested.
func TestEveryTopicHasABody(t *testing.T) {
	t.Parallel()
	topics := domainTopics(t)
	if diff := cmp.Diff(topics, slices.Sorted(slices.Values(webhook.EventTopics()))); diff != "" {
		t.Errorf("the list of topics is not that of their names: %s", diff)
	}
	for _, topic := range topics {
		if !webhook.HasBody(topic) {
			t.Errorf("there is no body of %s", topic)
		}
		if _, err := os.Stat(filepath.Join("testdata", "bodies", fileName(topic)+".json")); err != nil {
			t.Errorf("%s: %v", topic, err)
		}
	}
	if webhook.HasBody("inventions/create") {
		t.Error("there is a body of what is never raised")
	}
	_, err := shop.Body(webhook.Entry{Event: &fulfillment.Event{Topic: "inventions/create"}}, webhook.Facts{}, checker)
	if err == nil {
		t.Error("a body was made of what has none")
	}
}

// TestBodiesOfFulfillmentOrders: one example of each topic, and the forms that a topic may have beside it.
func TestBodiesOfFulfillmentOrders(t *testing.T) {
	t.Parallel()
	submitted := &fulfillment.SubmitFulfillmentRequest{Message: "Glass inside"}
	asked, _ := after(t, fulfillmentOrder(depot), submitted)
	accepted, _ := after(t, asked, &fulfillment.AcceptFulfillmentRequest{Meta: service})
	stopping, _ := after(t, accepted, &fulfillment.SubmitCancellationRequest{})
	scheduled := func() *fulfillment.FulfillmentOrder {
		return but(inState(ownPlace, fulfillment.StatusScheduled, fulfillment.RequestUnsubmitted),
			func(fo *fulfillment.FulfillmentOrder) { fo.FulfillAt = new(noon.Add(time.Hour)) })
	}
	ready := func(method fulfillment.DeliveryMethodType) *fulfillment.FulfillmentOrder {
		return but(
			fulfillmentOrder(ownPlace), func(fo *fulfillment.FulfillmentOrder) { fo.DeliveryMethod = method },
		)
	}
	hold := func(by fulfillment.Meta, handle string) *fulfillment.PlaceHold {
		return &fulfillment.PlaceHold{
			Meta: by, Reason: fulfillment.HoldIncorrectAddress, ReasonNotes: "No such street.", Handle: handle,
		}
	}
	heldTwice, _ := after(t, fulfillmentOrder(ownPlace), hold(byStock, "street"), hold(byApp, "check"))
	atDepot := &fulfillment.Move{NewLocationID: depot.LocationID, Location: &depot}
	atDepotPart := &fulfillment.Move{NewLocationID: depot.LocationID, Location: &depot, Lines: lines(1)}
	partHold := hold(byApp, "")
	partHold.Lines, partHold.ReasonNotes = lines(2), ""

	for name, test := range map[string]struct {
		topic    string
		fo       *fulfillment.FulfillmentOrder
		commands []fulfillment.Command
	}{
		"released": {
			fulfillment.TopicHoldReleased, heldTwice,
			list(&fulfillment.ReleaseHold{}),
		},

		"ready": {
			fulfillment.TopicReady, scheduled(),
			list(&fulfillment.Open{}),
		},
		"rescheduled": {
			fulfillment.TopicRescheduled, scheduled(),
			list(&fulfillment.Reschedule{FulfillAt: noon.AddDate(0, 4, 0)}),
		},
		"submitted": {
			fulfillment.TopicRequestSubmitted, fulfillmentOrder(depot),
			list(submitted),
		},
		"accepted": {
			fulfillment.TopicRequestAccepted, asked,
			list(&fulfillment.AcceptFulfillmentRequest{Meta: service, Message: "On Monday."}),
		},
		"rejected": {
			fulfillment.TopicRequestRejected, asked,
			list(&fulfillment.RejectFulfillmentRequest{Meta: service}),
		},
		"stop": {
			fulfillment.TopicCancellationSubmitted, accepted,
			list(&fulfillment.SubmitCancellationRequest{Message: "Too late?"}),
		},
		"stopped": {
			fulfillment.TopicCancellationAccepted, stopping,
			list(&fulfillment.AcceptCancellationRequest{Meta: service, Message: "Stopped."}),
		},
		"not_stopped": {
			fulfillment.TopicCancellationRejected, stopping,
			list(&fulfillment.RejectCancellationRequest{Meta: service, Message: "It is gone."}),
		},
		"cancelled": {
			fulfillment.TopicCancelled, fulfillmentOrder(ownPlace),
			list(&fulfillment.Cancel{}),
		},
		"failed": {
			fulfillment.TopicFailedToComplete, accepted,
			list(&fulfillment.Close{Meta: service, Message: "No more bulbs."}),
		},
		"moved": {
			fulfillment.TopicMoved, fulfillmentOrder(ownPlace),
			list(atDepotPart),
		},
		"split": {
			fulfillment.TopicSplit, fulfillmentOrder(ownPlace),
			list(&fulfillment.Split{Lines: lines(2)}),
		},
		"progress": {
			fulfillment.TopicProgressReported, fulfillmentOrder(ownPlace),
			list(&fulfillment.ReportProgress{Meta: byApp, ReasonNotes: "Being packed."}),
		},
		"progress_stopped": {
			fulfillment.TopicProgressStopped, fulfillmentOrder(ownPlace),
			list(&fulfillment.ReportProgress{Meta: byApp}, &fulfillment.Open{Meta: byApp}),
		},
		"pickup": {
			fulfillment.TopicPreparedForPickup, ready(fulfillment.DeliveryPickUp),
			list(&fulfillment.LineItemsPreparedForPickup{}),
		},
		"local": {
			fulfillment.TopicPreparedForLocalDelivery, ready(fulfillment.DeliveryLocal),
			list(&fulfillment.LineItemsPreparedForLocalDelivery{}),
		},
		"hold": {
			fulfillment.TopicPlacedOnHold, fulfillmentOrder(ownPlace),
			list(partHold),
		},
		"hold_added": {
			fulfillment.TopicHoldAdded, fulfillmentOrder(ownPlace),
			list(hold(byStock, "street"), hold(byApp, "check")),
		},
		"hold_ended": {
			fulfillment.TopicHoldEnded, heldTwice,
			list(&fulfillment.ReleaseHold{HoldIDs: []fulfillment.ID{heldTwice.Holds[0].ID}}),
		},
		"+request_of_a_part": {
			fulfillment.TopicRequestSubmitted, fulfillmentOrder(depot),
			list(&fulfillment.SubmitFulfillmentRequest{Lines: lines(2, 1)}),
		},
		"+moved_whole": {
			fulfillment.TopicMoved, fulfillmentOrder(ownPlace),
			list(atDepot),
		},
		"+held_by_a_person": {
			fulfillment.TopicPlacedOnHold, fulfillmentOrder(ownPlace),
			list(hold(fulfillment.Meta{}, "desk")),
		},
		"+cancelled_for_good": {
			fulfillment.TopicCancelled, fulfillmentOrder(ownPlace),
			list(&fulfillment.CancelUnits{WholeOrder: true}),
		},
		"+stopped_for_good": {
			fulfillment.TopicCancellationAccepted, accepted,
			list(&fulfillment.CancelUnits{WholeOrder: true}, &fulfillment.AcceptCancellationRequest{Meta: service}),
		},
		"+progress_by_a_person": {
			fulfillment.TopicProgressReported, fulfillmentOrder(ownPlace),
			list(&fulfillment.ReportProgress{Meta: byApp}, &fulfillment.ReportProgress{}),
		},
	} {
		file := fileName(test.topic)
		if variant, is := strings.CutPrefix(name, "+"); is {
			file += "." + variant
		}
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			_, steps := after(t, test.fo, test.commands...)
			body := bodyOf(t, test.topic, webhook.Facts{Apps: apps}, checker, entries(t, nil, steps...))
			matches(t, file, body)
		})
	}

	t.Run("routed", func(t *testing.T) {
		t.Parallel()
		o := &fulfillment.Order{
			ID: orderID, Name: "#1001",
			LineItems: []fulfillment.LineItem{{ID: lamp, Title: "Lamp", Quantity: 3}},
		}
		if err := o.Complete(noon); err != nil {
			t.Fatal(err)
		}
		_, steps, err := fulfillment.NewFulfillmentOrders(o, []fulfillment.Assignment{
			{Location: ownPlace, Lines: []fulfillment.Quantity{{ID: lamp, Quantity: 3}}},
		}, env())
		if err != nil {
			t.Fatal(err)
		}
		topic := fulfillment.TopicRoutingComplete
		matches(t, fileName(topic), bodyOf(t, topic, webhook.Facts{}, checker, entries(t, nil, steps...)))
	})

	t.Run("late", func(t *testing.T) {
		t.Parallel()
		late := but(fulfillmentOrder(ownPlace), func(fo *fulfillment.FulfillmentOrder) { fo.FulfillBy = new(noon) })
		_, steps := after(t, late, &fulfillment.Tick{})
		topic := fulfillment.TopicDeadlineMissed
		matches(t, fileName(topic), bodyOf(t, topic, webhook.Facts{}, checker, entries(t, nil, steps...)))
	})

	t.Run("merged", func(t *testing.T) {
		t.Parallel()
		other := but(fulfillmentOrder(ownPlace), func(fo *fulfillment.FulfillmentOrder) {
			fo.ID, fo.Lines = 9007199254740999, fo.Lines[:1]
			fo.Lines[0].ID, fo.Lines[0].Total, fo.Lines[0].Remaining = 9007199254741031, 2, 2
		})
		d, err := fulfillment.DecideJointly(&fulfillment.Merge{Inputs: []fulfillment.MergeInput{{
			Intents: []fulfillment.MergeIntent{
				{FulfillmentOrderID: fulfillmentOrderID}, {FulfillmentOrderID: other.ID},
			},
		}}}, []*fulfillment.FulfillmentOrder{fulfillmentOrder(ownPlace), other}, env())
		if err != nil {
			t.Fatal(err)
		}
		topic := fulfillment.TopicMerged
		matches(t, fileName(topic), bodyOf(t, topic, webhook.Facts{}, checker, entries(t, nil, d.Transitions...)))
	})
}

func list(commands ...fulfillment.Command) []fulfillment.Command { return commands }
