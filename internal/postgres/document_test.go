package postgres

import (
	"errors"
	"strings"
	"testing"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/paper"
)

// brought is a label of a fulfillment order as a provider brings it: with a content, or with a URL.
func brought(fo *fulfillment.FulfillmentOrder, name, content string) paper.Found {
	f := paper.Found{Document: paper.Document{
		OrderID: fo.OrderID, FulfillmentOrderID: fo.ID, Provider: "ship-co", RequestKey: fulfillment.EffectKey(fo.ID, 1),
		Kind: fulfillment.DocumentLabel, Name: name, TrackingNumber: "1Z9",
	}}
	if content == "" {
		f.SourceURL = "https://labels.example.com/" + name
		return f
	}
	f.Content, f.MediaType = []byte(content), paper.PDF
	return f
}

func (b *book) keep(list ...paper.Found) {
	b.t.Helper()
	if err := b.KeepDocuments(b.t.Context(), list); err != nil {
		b.t.Fatal(err)
	}
}

func (b *book) documents(fo *fulfillment.FulfillmentOrder) []*paper.Document {
	b.t.Helper()
	of, err := b.DocumentsOf(b.t.Context(), []fulfillment.ID{fo.ID})
	if err != nil {
		b.t.Fatal(err)
	}
	return of[fo.ID]
}

// TestDocumentsAreKeptOnce: an answer that comes again brings nothing new, and a content is there once, whoever has it.
func TestDocumentsAreKeptOnce(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	_, one := b.create(merchant)
	_, other := b.create(merchant)
	for range 2 {
		b.keep(brought(one[0], "a", "%PDF-1"), brought(one[0], "b", "%PDF-1"), brought(one[0], "c", ""))
	}
	b.keep(brought(other[0], "a", "%PDF-1"), brought(other[0], "b", "%PDF-2"))
	if n := b.one(`SELECT count(*) FROM documents`); n != 2 {
		t.Errorf("there are %d contents, want 2", n)
	}
	list := b.documents(one[0])
	if len(list) != 3 || list[0].Name != "a" || list[0].SHA256 != list[1].SHA256 || list[0].Size != 6 ||
		list[2].SHA256 != "" || list[2].NextAt == nil {
		t.Fatalf("they are %+v", list)
	}
	if with, err := b.DocumentsWith(t.Context(), list[0].SHA256); err != nil || len(with) != 3 {
		t.Errorf("%d documents have the content: %v", len(with), err)
	}
}

// TestDocumentsArePrinted: each print is the same bytes, is counted, and it is noted who got it.
func TestDocumentsArePrinted(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	_, fos := b.create(merchant)
	b.keep(brought(fos[0], "a", "%PDF-1"), brought(fos[0], "b", ""))
	list := b.documents(fos[0])
	for _, who := range []string{"app shop", "operator"} {
		if content, err := b.PrintDocument(t.Context(), list[0].ID, who); err != nil || string(content) != "%PDF-1" {
			t.Errorf("%q: %v", content, err)
		}
	}
	if d, err := b.Document(t.Context(), list[0].ID); err != nil || d.Printed != 2 {
		t.Errorf("it is %+v: %v", d, err)
	}
	got, err := b.DocumentAccesses(t.Context(), list[0].ID)
	if err != nil || len(got) != 2 || got[0].Who != "operator" || got[1].Who != "app shop" {
		t.Errorf("it was given to %v: %v", got, err)
	}
	for _, id := range []fulfillment.ID{list[1].ID, 404} { // Without a content, and none.
		if _, err := b.PrintDocument(t.Context(), id, "operator"); !errors.Is(err, fulfillment.ErrNotFound) {
			t.Errorf("document %d: %v", id, err)
		}
	}
	if n := b.one(`SELECT count(*) FROM document_accesses`); n != 2 {
		t.Errorf("%d accesses are noted", n)
	}
}

// TestDueDocuments: what is to be fetched is given to one worker at a time, to one that can, and again when it was not
// fetched.
func TestDueDocuments(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	_, fos := b.create(merchant)
	ask := brought(fos[0], "asked", "")
	ask.SourceURL = ""
	b.keep(brought(fos[0], "fetched", ""), ask, brought(fos[0], "there", "%PDF-1"))
	due := func(providers ...string) (names []string) {
		t.Helper()
		list, err := b.DueDocuments(t.Context(), append([]string{}, providers...), 10, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range list {
			names = append(names, d.Name)
		}
		return names
	}
	id := map[string]fulfillment.ID{}
	for _, d := range b.documents(fos[0]) {
		id[d.Name] = d.ID
	}
	for _, c := range []struct {
		rule string
		got  []string
		want string
	}{
		{"without the provider", due(), "fetched"}, {"with it", due("ship-co"), "asked"}, {"taken", due("ship-co"), ""},
	} {
		if strings.Join(c.got, " ") != c.want {
			t.Errorf("%s: %v is due, want %q", c.rule, c.got, c.want)
		}
	}
	if err := b.DocumentMissed(t.Context(), id["fetched"], "gone", time.Nanosecond); err != nil {
		t.Fatal(err)
	}
	if err := b.DocumentMissed(t.Context(), id["asked"], "never", 0); err != nil {
		t.Fatal(err)
	}
	if got := due("ship-co"); strings.Join(got, " ") != "fetched" {
		t.Errorf("%v is due again", got)
	}
	if err := b.DocumentFetched(t.Context(), id["fetched"], []byte("%PDF-2"), paper.PDF); err != nil {
		t.Fatal(err)
	}
	if again, err := b.RefetchDocument(t.Context(), id["fetched"]); err != nil || again {
		t.Errorf("what is there is fetched again: %v", err)
	}
	if again, err := b.RefetchDocument(t.Context(), id["asked"]); err != nil || !again {
		t.Errorf("what was given up is not fetched again: %v", err)
	}
	if got := due("ship-co"); strings.Join(got, " ") != "asked" {
		t.Errorf("%v is due in the end", got)
	}
	if d, err := b.Document(t.Context(), id["fetched"]); err != nil || d.Size != 6 || d.Problem != "" || d.NextAt != nil {
		t.Errorf("it is %+v: %v", d, err)
	}
}

// TestLabelsAreVoid: a label is void when the service has stopped the request that it was bought for, and not the one
// of a request that came later.
func TestLabelsAreVoid(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	_, fos := b.create(service)
	as := fulfillment.Meta{Actor: fulfillment.Actor{Role: fulfillment.RoleService, ServiceID: service.ServiceID}}
	fo := b.do(fos[0], &fulfillment.SubmitFulfillmentRequest{})
	fo = b.do(fo, &fulfillment.AcceptFulfillmentRequest{Meta: as})
	b.keep(brought(fo, "label", "%PDF-1"))
	later := brought(fo, "later", "%PDF-2")
	later.RequestKey = fulfillment.EffectKey(fo.ID, 1000)
	invoice := brought(fo, "invoice", "%PDF-3")
	invoice.Kind = fulfillment.DocumentInvoice
	b.keep(later, invoice)
	for _, d := range b.documents(fo) {
		if d.VoidedAt != nil {
			t.Errorf("%s is void before", d.Name)
		}
	}
	fo = b.do(fo, &fulfillment.SubmitCancellationRequest{})
	b.do(fo, &fulfillment.AcceptCancellationRequest{Meta: as})
	for _, d := range b.documents(fo) {
		if (d.VoidedAt != nil) != (d.Name == "label") {
			t.Errorf("%s is void since %v", d.Name, d.VoidedAt)
		}
	}
}

// TestDocumentsGoWithTheirOrder: they have a customer's address. A content that another order has, too, stays.
func TestDocumentsGoWithTheirOrder(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	_, one := b.create(merchant)
	_, other := b.create(merchant)
	b.keep(brought(one[0], "a", "%PDF-1"), brought(one[0], "b", "%PDF-2"), brought(one[0], "c", "%PDF-2"))
	b.keep(brought(other[0], "a", "%PDF-1"))
	// As an order goes: its row's dependents first.
	if _, err := b.pool.Exec(t.Context(), `DELETE FROM document_links WHERE order_id = $1`, one[0].OrderID); err != nil {
		t.Fatal(err)
	}
	if n := b.one(`SELECT count(*) FROM documents WHERE convert_from(bytes, 'UTF8') = '%PDF-1'`); n != 1 {
		t.Errorf("the content of the other order is there %d times", n)
	}
	if n := b.one(`SELECT count(*) FROM documents`); n != 1 {
		t.Errorf("there are %d contents", n)
	}
	if n := b.one(`SELECT count(*) FROM pg_constraint WHERE conrelid = 'document_links'::regclass
		AND confrelid = 'orders'::regclass AND confdeltype = 'c'`); n != 1 {
		t.Error("documents stay when their order goes")
	}
}

// TestDocumentIDsAreNeverAnothers: not even when the database was set back, for askers keep for ever what they got.
func TestDocumentIDsAreNeverAnothers(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	_, fos := b.create(merchant)
	b.keep(brought(fos[0], "a", "%PDF-1"))
	before := b.documents(fos[0])[0].ID
	if _, err := b.pool.Exec(t.Context(), `TRUNCATE document_links RESTART IDENTITY`); err != nil {
		t.Fatal(err)
	}
	b.keep(brought(fos[0], "a", "%PDF-2"))
	if after := b.documents(fos[0])[0].ID; after == before {
		t.Errorf("another document has the ID %s, too", after)
	}
}
