package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"packhorse/internal/fulfillment"
	"packhorse/internal/operation"
	"packhorse/internal/paper"
	"packhorse/internal/postgres"
)

// documentBook is what has been kept of labels and other documents.
type documentBook interface {
	Document(ctx context.Context, id fulfillment.ID) (*paper.Document, error)
	DocumentsOf(
		ctx context.Context, fulfillmentOrderIDs []fulfillment.ID,
	) (map[fulfillment.ID][]*paper.Document, error)
	DocumentsWith(ctx context.Context, sum string) ([]*paper.Document, error)
	PrintDocument(ctx context.Context, id fulfillment.ID, who string) ([]byte, error)
	DocumentAccesses(ctx context.Context, id fulfillment.ID) ([]paper.Access, error)
	RefetchDocument(ctx context.Context, id fulfillment.ID) (bool, error)
}

func (a *app) newDocument() *cobra.Command {
	return group(
		"document", "Look at labels and other documents", `What fulfillment services bring to be printed is kept as it was: each print is the same. It has customers' addresses, so
it is noted who was given what.`, a.newDocumentList(), a.newDocumentGet(), a.newDocumentAccesses(), a.newDocumentFetch())
}

// shownDocument is a document as it is answered to programs.
type shownDocument struct {
	*paper.Document
	FileName      string     `json:"fileName"`
	VoidableUntil *time.Time `json:"voidableUntil,omitempty"`
	Path          string     `json:"path,omitempty"` // on the server of the API
}

func shownDocuments(found []*paper.Document, shipments []*postgres.OwnedFulfillment) []shownDocument {
	shown := make([]shownDocument, len(found))
	for i, d := range found {
		company := ""
		for _, o := range shipments {
			if of, ok := d.OfShipment(o.Fulfillment); ok && company == "" {
				company = of
			}
		}
		shown[i] = shownDocument{Document: d, FileName: d.FileName(), VoidableUntil: d.VoidableUntil(company)}
		if d.SHA256 != "" {
			shown[i].Path = paper.Path(d.ID)
		}
	}
	return shown
}

func (a *app) newDocumentList() *cobra.Command {
	c := &cobra.Command{
		Use: "list FULFILLMENT-ORDER", Short: "List the documents of a fulfillment order, the oldest first",
		Long: `Lists what a fulfillment service has brought for a fulfillment order: labels, invoices. One without a size is still to be
fetched, or was not to be had: the last column says why.`,
		Args:              oneArgument("fulfillment order", isFulfillmentOrderName),
		ValidArgsFunction: completesOnce(a.openFulfillmentOrders()),
		Example: `  packhorse document list '#1010-1'
  packhorse document list 4711 --output json | jq -r '.items[].sha256'`,
	}
	c.RunE = func(c *cobra.Command, args []string) error {
		ctx := c.Context()
		b, err := a.backend.book(ctx)
		if err != nil {
			return err
		}
		id, err := findFulfillmentOrder(ctx, b, args[0], false)
		if err != nil {
			return err
		}
		fo, err := loadFulfillmentOrder(ctx, b, id)
		if err != nil {
			return err
		}
		shipments, err := shipmentsOf(ctx, b, fo)
		if err != nil {
			return err
		}
		found, err := b.DocumentsOf(ctx, []fulfillment.ID{id})
		if err != nil {
			return err
		}
		shown := shownDocuments(found[id], shipments)
		if a.json() {
			return writeJSON(a.out, list[shownDocument]{Items: shown})
		}
		return a.documentTable(shown)
	}
	return c
}

func (a *app) documentTable(shown []shownDocument) error {
	t := a.newTable("DOCUMENT", "KIND", "NAME", "NUMBER", "SIZE", "PRINTED", "VOIDABLE UNTIL", "PROBLEM")
	for _, d := range shown {
		size, until := "", a.when(d.VoidableUntil)
		if d.SHA256 != "" {
			size = number(d.Size)
		}
		if d.VoidedAt != nil {
			until = "void since " + a.date(*d.VoidedAt)
		}
		problem := d.Problem
		if d.NextAt != nil && problem != "" {
			problem += "; tried again " + a.when(d.NextAt)
		}
		t.row(d.ID.String(), string(d.Kind), d.FileName, d.TrackingNumber, size, number(d.Printed), until, problem)
	}
	return t.flush()
}

func (a *app) newDocumentGet() *cobra.Command {
	return a.documentCommand("get", "Write a document to the standard output",
		`Writes a document to the standard output, the same bytes each time. That it was printed is counted, and it is noted who
asked.`, "915173728805303737 > label.pdf",
		func(ctx context.Context, b book, d *paper.Document) error { return a.print(ctx, b, d) })
}

func (a *app) newDocumentAccesses() *cobra.Command {
	return a.documentCommand("accesses", "List who was given a document, the latest first", "",
		"915173728805303737", func(ctx context.Context, b book, d *paper.Document) error {
			found, err := b.DocumentAccesses(ctx, d.ID)
			if err != nil {
				return err
			}
			if a.json() {
				return writeJSON(a.out, list[paper.Access]{Items: append([]paper.Access{}, found...)})
			}
			t := a.newTable("AT", "WHO")
			for _, at := range found {
				t.row(a.when(&at.At), at.Who)
			}
			return t.flush()
		})
}

func (a *app) newDocumentFetch() *cobra.Command {
	return a.documentCommand("fetch", "Have a document fetched that is not there", `Has a document fetched once more that was not to be had. A worker does it, within moments.`,
		"915173728805303737", func(ctx context.Context, b book, d *paper.Document) error {
			due, err := b.RefetchDocument(ctx, d.ID)
			if err != nil {
				return err
			}
			said := "It is fetched at once, if a worker runs."
			if !due {
				said = "It is there: packhorse document get " + d.ID.String()
			}
			if a.json() {
				return writeJSON(a.out, map[string]any{"id": d.ID, "due": due})
			}
			fmt.Fprintln(a.out, said)
			return nil
		})
}

// documentCommand does something with a document that is there, and whose ID is the argument.
func (a *app) documentCommand(
	use, short, long, example string, do func(context.Context, book, *paper.Document) error,
) *cobra.Command {
	c := &cobra.Command{
		Use: use + " DOCUMENT", Short: short, Long: long, Args: oneArgument("document", isID),
		Example: "  packhorse document " + use + " " + example,
	}
	c.RunE = func(c *cobra.Command, args []string) error {
		id, err := fulfillment.ParseID(args[0])
		if err != nil {
			return err
		}
		b, err := a.backend.book(c.Context())
		if err != nil {
			return err
		}
		d, err := b.Document(c.Context(), id)
		if errors.Is(err, fulfillment.ErrNotFound) {
			return &fulfillment.Error{
				Code: fulfillment.CodeDocumentNotFound, Message: fmt.Sprintf("There is no document %s.", id),
			}
		}
		if err != nil {
			return err
		}
		return do(c.Context(), b, d)
	}
	return c
}

// print writes the content of a document.
func (a *app) print(ctx context.Context, b book, d *paper.Document) error {
	if a.width > 0 && !strings.HasPrefix(d.MediaType, "text/") {
		return &usageError{fmt.Errorf("%s is nothing for a terminal: send it to a file or a printer, such as > %s",
			d.MediaType, d.FileName())}
	}
	_, content, err := operation.Documents{Store: b}.Print(asOperator(ctx), d.ID.String())
	if err != nil {
		return err
	}
	if _, err := a.out.Write(content); err != nil {
		return fmt.Errorf("write the document: %w", err)
	}
	return nil
}
