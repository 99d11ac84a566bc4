package operation

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"packhorse/internal/fulfillment"
	"packhorse/internal/paper"
)

// Documents is what callers do with labels and other documents.
type Documents struct {
	// Store is where they are: a *postgres.Store.
	Store interface {
		Document(ctx context.Context, id fulfillment.ID) (*paper.Document, error)
		DocumentsWith(ctx context.Context, sum string) ([]*paper.Document, error)
		PrintDocument(ctx context.Context, id fulfillment.ID, who string) ([]byte, error)
	}
}

// Print hands out a document, named by its ID or by the hexadecimal SHA-256 of its content, with its content. That it
// was handed out, and to whom, is noted before. What the caller may not see does not exist for it:
// [fulfillment.ErrNotFound], as when there is no such document. One whose content is not there is refused with the
// reason ([fulfillment.CodeDocumentNotFound]).
func (o Documents) Print(ctx context.Context, name string) (*paper.Document, []byte, error) {
	d, err := o.find(ctx, name)
	if err != nil {
		return nil, nil, err
	}
	if d.SHA256 == "" {
		return d, nil, withoutContent(d)
	}
	content, err := o.Store.PrintDocument(ctx, d.ID, who(ctx))
	if err != nil {
		return nil, nil, err
	}
	return d, content, nil
}

func (o Documents) find(ctx context.Context, name string) (*paper.Document, error) {
	var found []*paper.Document
	if sum, err := hex.DecodeString(name); err == nil && len(sum) == 32 {
		if found, err = o.Store.DocumentsWith(ctx, strings.ToLower(name)); err != nil {
			return nil, err
		}
	} else if id, err := fulfillment.ParseID(name); err == nil {
		d, err := o.Store.Document(ctx, id)
		if err != nil {
			return nil, err
		}
		found = append(found, d)
	}
	for _, d := range found {
		if by := caller(ctx); by.MaySee("FulfillmentDocument", by.To(d.ServiceID)) {
			return d, nil
		}
	}
	return nil, fmt.Errorf("document %q: %w", name, fulfillment.ErrNotFound)
}

func withoutContent(d *paper.Document) error {
	message := "The document has not been fetched yet. Try again in a moment."
	switch {
	case d.NextAt == nil:
		message = "The document could not be fetched: " + d.Problem
	case d.Problem != "":
		message = "The document has not been fetched yet: " + d.Problem + ". It is tried again."
	}
	return &fulfillment.Error{Code: fulfillment.CodeDocumentNotFound, Message: message}
}

// who is the caller as it is noted: no person.
func who(ctx context.Context) string {
	by := caller(ctx)
	if by.As == nil {
		return "app " + by.App.Handle
	}
	if by.As.App != "" {
		return strings.ToLower(string(by.As.Role)) + " " + by.As.App
	}
	return strings.ToLower(string(by.As.Role))
}

// IsWaiting tells whether a document is still to be fetched.
func IsWaiting(d *paper.Document, err error) bool {
	var refused *fulfillment.Error
	return d != nil && d.SHA256 == "" && d.NextAt != nil && errors.As(err, &refused)
}
