package provider

import (
	"context"
	"time"
)

// Finder is a Provider whose system can be asked what came of an idempotency key. It may lag behind a write.
type Finder interface {
	// Lookup is everything that the system has under this key, oldest first; nothing is no error. One find is
	// adopted, several are a doubled effect that a person must look at.
	Lookup(ctx context.Context, key string) ([]Found, error)
}

// Found is something that a provider's system has.
type Found struct {
	Reference string    // the system's own name for it
	CreatedAt time.Time // zero: unknown
	Answer    Answer    // what Create or Cancel answered then, or would answer now
}

// Idempotent is a Provider that may say that a repeated call with the same key has no second effect.
type Idempotent interface {
	Idempotent() bool
}

// Pricer is a Provider that can price an option.
type Pricer interface {
	// CanPrice tells whether an option with this data is priced by the provider rather than by a fixed price.
	CanPrice(ctx context.Context, data map[string]any) bool
	Price(ctx context.Context, option, data map[string]any, in Context) (Price, error)
}

// Price is what an option costs.
type Price struct {
	Amount       string `json:"amount"`       // exact decimal text, such as "4.90"
	CurrencyCode string `json:"currencyCode"` // ISO 4217
	TaxInclusive bool   `json:"taxInclusive"`
}

// Returner is a Provider that can bring goods back.
type Returner interface {
	// CreateReturn has the same rules as Provider.Create.
	CreateReturn(ctx context.Context, request ReturnRequest) (Answer, error)
}

// Documenter is a Provider that has documents.
type Documenter interface {
	// Documents lists the documents of one kind for a reference that an Answer gave. None is no error.
	Documents(ctx context.Context, reference string, kind DocumentKind) ([]Document, error)
}

// DocumentKind says what a document is for.
type DocumentKind string

// The kinds of documents.
const (
	DocumentLabel   DocumentKind = "label"
	DocumentInvoice DocumentKind = "invoice"
	DocumentReturn  DocumentKind = "return"
)

// Document is something to print. It has Content, or a URL to get it from.
type Document struct {
	Kind        DocumentKind `json:"kind"`
	Name        string       `json:"name"`      // file name, such as "label.pdf"
	ContentType string       `json:"mediaType"` // such as "application/pdf"
	URL         string       `json:"url,omitempty"`
	Content     []byte       `json:"content,omitempty"`
}
