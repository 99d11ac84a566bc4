package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"packhorse/internal/fulfillment"
	"packhorse/internal/paper"
)

func (b fakeBook) Document(_ context.Context, id fulfillment.ID) (*paper.Document, error) {
	for _, d := range b.documents {
		if d.ID == id {
			return d, nil
		}
	}
	return nil, fmt.Errorf("read document: %w", fulfillment.ErrNotFound)
}

func (b fakeBook) DocumentsOf(
	_ context.Context, ids []fulfillment.ID,
) (map[fulfillment.ID][]*paper.Document, error) {
	of := map[fulfillment.ID][]*paper.Document{}
	for _, d := range b.documents {
		if slices.Contains(ids, d.FulfillmentOrderID) {
			of[d.FulfillmentOrderID] = append(of[d.FulfillmentOrderID], d)
		}
	}
	return of, nil
}

func (b fakeBook) DocumentsWith(context.Context, string) ([]*paper.Document, error) { return nil, nil }

func (b fakeBook) PrintDocument(_ context.Context, id fulfillment.ID, who string) ([]byte, error) {
	b.printed = append(b.printed, id.String()+" by "+who)
	return []byte("%PDF-" + id.String()), nil
}

func (b fakeBook) DocumentAccesses(context.Context, fulfillment.ID) ([]paper.Access, error) {
	return []paper.Access{{At: noon, Who: "app shop"}}, nil
}

func (b fakeBook) RefetchDocument(context.Context, fulfillment.ID) (bool, error) { return true, nil }

// labelled is the lantern with a shipment of two parcels, their labels, an invoice, and a label that never came.
func labelled(t *testing.T) *fakeBackend {
	t.Helper()
	f := lantern()
	fo := f.fulfillmentOrders[0]
	fo.Fulfillments = []fulfillment.Fulfillment{{
		ID: 901, Name: "#1001-F1", Status: fulfillment.FulfillmentSuccess,
		Tracking: []fulfillment.TrackingInfo{{Company: "UPS", Number: "A1"}, {Company: "UPS", Number: "A2"}},
	}}
	add := func(id fulfillment.ID, kind fulfillment.DocumentKind, number, sum string) *paper.Document {
		d := &paper.Document{
			ID: id, FulfillmentOrderID: fo.ID, OrderID: fo.OrderID, Kind: kind, Name: string(kind),
			TrackingNumber: number,
			SHA256:         sum, CreatedAt: noon, Provider: "ship-co",
		}
		if sum != "" {
			d.MediaType, d.Size = paper.PDF, 8
		}
		f.documents = append(f.documents, d)
		return d
	}
	add(71, fulfillment.DocumentLabel, "A1", "11")
	add(72, fulfillment.DocumentLabel, "A2", "22")
	add(73, fulfillment.DocumentInvoice, "", "33")
	add(74, fulfillment.DocumentLabel, "B9", "").Problem = "labels.example answers 404 Not Found"
	return f
}

// TestFulfillmentLabel: the label of a shipment goes to the standard output as it is; of several, the one that is
// meant.
func TestFulfillmentLabel(t *testing.T) {
	t.Parallel()
	for rule, c := range map[string]struct {
		change func(*fakeBackend)
		args   string
		stdout string
		stderr string
	}{
		"by_its_number":         {nil, "fulfillment label 901 --tracking-number A2", "%PDF-72", ""},
		"however_it_is_written": {nil, "fulfillment label 901 --tracking-number a-2", "%PDF-72", ""},
		"of_a_fulfillment_order": {func(f *fakeBackend) {
			f.documents = f.documents[:1]
			f.fulfillmentOrders[0].Fulfillments = nil
		}, "fulfillment label #1001-1", "%PDF-71", ""},
		"of_its_only_one_by_the_order": {func(f *fakeBackend) {
			f.documents = f.documents[:1]
			f.fulfillmentOrders[0].Fulfillments = nil
		}, "fulfillment label #1001", "%PDF-71", ""},
		"of_one_with_several":              {nil, "fulfillment label #1001-1", "", "71 (A1), 72 (A2)"},
		"of_one_with_several_by_a_number":  {nil, "fulfillment label #1001-1 --tracking-number B9", "", "answers 404"},
		"of_a_fulfillment_order_that_isnt": {nil, "fulfillment label #1001-7 -o json", "", `"FULFILLMENT_NOT_FOUND"`},
		"of_several":                       {nil, "fulfillment label 901", "", "71 (A1), 72 (A2)"},
		"of_another_shipment":              {nil, "fulfillment label 901 --tracking-number B9", "", "no such label"},
		"of_none":                          {nil, "fulfillment label 901 --tracking-number B9 -o json", "", `"DOCUMENT_NOT_FOUND"`},
		"of_no_shipment":                   {nil, "fulfillment label 902 -o json", "", `"FULFILLMENT_NOT_FOUND"`},
		"of_a_name_of_none":                {nil, "fulfillment label #9999-F1 -o json", "", `"FULFILLMENT_NOT_FOUND"`},
		"the_only_one": {
			func(f *fakeBackend) { f.documents = f.documents[:1] }, "fulfillment label 901", "%PDF-71", "",
		},
		"a_qr_code_beside_it": {func(f *fakeBackend) {
			f.documents = f.documents[:2]
			f.documents[1].TrackingNumber = ""
		}, "fulfillment label 901", "%PDF-71", ""},
		"of_several_without_numbers": {func(f *fakeBackend) {
			f.documents = f.documents[:2]
			f.documents[0].TrackingNumber, f.documents[1].TrackingNumber = "", ""
		}, "fulfillment label 901", "", "several labels"},
		"a_void_one_gives_way": {
			func(f *fakeBackend) { f.documents[0].VoidedAt = &noon }, "fulfillment label 901", "%PDF-72", "",
		},
		"by_the_document's_ID":      {nil, "document get 73", "%PDF-73", ""},
		"one_that_never_came":       {nil, "document get 74", "", "answers 404"},
		"a_document_that_is_not":    {nil, "document get 75", "", "There is no document 75"},
		"and_its_code":              {nil, "document get 75 -o json", "", `"DOCUMENT_NOT_FOUND"`},
		"the_code_without_content":  {nil, "document get 74 -o json", "", `"DOCUMENT_NOT_FOUND"`},
		"as_a_table_it_is_the_same": {nil, "document get 73 --output json", "%PDF-73", ""},
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			f := labelled(t)
			if c.change != nil {
				c.change(f)
			}
			_, stdout, stderr := call(t, f, "", strings.Fields(c.args)...)
			if stdout != c.stdout || !strings.Contains(stderr, c.stderr) || (stderr == "") != (c.stderr == "") {
				t.Errorf("it said %q and %q, want %q and %q", stdout, stderr, c.stdout, c.stderr)
			}
			if (len(f.printed) == 1) != (c.stdout != "") || len(f.printed) == 1 && !strings.HasSuffix(f.printed[0], " by operator") {
				t.Errorf("printed are %v", f.printed)
			}
		})
	}
}

// TestDocumentList: what there is to print, until when a label can be given back, and why one is not there.
func TestDocumentList(t *testing.T) {
	t.Parallel()
	f := labelled(t)
	_, stdout, stderr := call(t, f, "", "document", "list", f.fulfillmentOrders[0].ID.String())
	for _, want := range []string{"label.pdf", "A2", "invoice.pdf", "2027-02-25", "labels.example answers 404"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("it lacks %q: %s%s", want, stdout, stderr)
		}
	}
	_, stdout, _ = call(t, f, "", "document", "list", f.fulfillmentOrders[0].ID.String(), "--output", "json")
	for _, want := range []string{`"path": "/documents/71"`, `"voidableUntil": "2027-02-25T12:00:00Z"`, `"printed": 0`} {
		if !strings.Contains(stdout, want) {
			t.Errorf("it lacks %q: %s", want, stdout)
		}
	}
	for _, hidden := range []string{"sourceUrl", "requestKey"} {
		if strings.Contains(stdout, hidden) {
			t.Errorf("it has %s: %s", hidden, stdout)
		}
	}
	_, stdout, _ = call(t, f, "", "document", "accesses", "71")
	if !strings.Contains(stdout, "app shop") {
		t.Errorf("the accesses are %s", stdout)
	}
}
