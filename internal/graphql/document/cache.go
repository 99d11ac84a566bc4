package document

import (
	"fmt"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// maxCachedQuery is the longest document, in bytes, which a Cache keeps. The documents
// of real apps are a few kilobytes; a tree takes some fifty times its text, so
// that longer ones would let a caller fill the memory.
const maxCachedQuery = 16 << 10

// Cache prepares requests for one schema and keeps valid documents by their text,
// because apps send the same few documents with changing variables. It is safe for
// concurrent use.
type Cache struct {
	schema    *ast.Schema
	documents *lru.Cache[string, *ast.QueryDocument]
}

// NewCache returns a Cache of at most size documents. It fails if size is not positive.
func NewCache(schema *ast.Schema, size int) (*Cache, error) {
	documents, err := lru.New[string, *ast.QueryDocument](size)
	if err != nil {
		return nil, fmt.Errorf("make document cache: %w", err)
	}
	return &Cache{schema: schema, documents: documents}, nil
}

// Prepare is the function Prepare, which parses and validates only documents that are not kept.
func (c *Cache) Prepare(r Request) (*Prepared, Effort, gqlerror.List) {
	doc, ok := c.documents.Get(r.Query)
	if !ok {
		p, effort, errs := Prepare(c.schema, r)
		if p != nil && len(r.Query) <= maxCachedQuery {
			c.documents.Add(r.Query, p.Document)
		}
		return p, effort, errs
	}
	op, err := chooseOperation(doc, r.OperationName)
	if err != nil {
		return nil, 0, gqlerror.List{err}
	}
	p, errs := prepareValid(c.schema, doc, op, r)
	return p, 0, errs
}
