// Package search reads Shopify's search syntax, the language of the `query` argument of lists: terms such as
// `status:open,on_hold`, `id:>=5`, `tag:wholesale*`, `email:*` or a bare text, joined by AND (or just a space), OR, NOT
// (or a leading -) and brackets. AND binds tighter than OR. Which fields there are, and what their values mean, is for
// the reader of the tree to say.
//
// Source: https://shopify.dev/docs/api/usage/search-syntax. Lists of values after one field, separated by commas, mean
// any of them. A space after a field's colon or comparison is let through.
package search

import (
	"slices"
	"strings"
	"unicode"
)

// Expr is a node of the tree: *[And], *[Or], *[Not] or *[Term]. Its String is a query that parses to the same tree.
type Expr interface {
	String() string
	expr()
}

// And holds when all of its terms do; with none, which is what blank text parses to, it always holds. It never has
// exactly one.
type And struct {
	At    int // where it starts: the characters before it
	Terms []Expr
}

// Or holds when one of its terms does. It has at least two.
type Or struct {
	At    int // where it starts: the characters before it
	Terms []Expr
}

// Not holds when its term does not.
type Not struct {
	At   int // where it starts: the characters before it
	Term Expr
}

// Term is one condition.
type Term struct {
	At         int    // where it starts: the characters before it
	Field      string // as it was written; "" for a bare text, which the reader looks up in fields of its choice
	Comparator Comparator
	// Values are what the field is compared with: any of them for Equal, exactly one for an ordering and for a bare
	// text, none for Exists.
	Values []Value
}

// Value is what a field is compared with.
type Value struct {
	At     int    // where it starts: the characters before it
	Text   string // without quotes and escapes
	Prefix bool   // it was followed by *: the start of a text. Only with Equal.
}

// Comparator is how a term compares.
type Comparator string

// The comparators. Exists is `field:*`: there is a value, whichever; without a field it holds for everything.
const (
	Equal          Comparator = ""
	Less           Comparator = "<"
	LessOrEqual    Comparator = "<="
	Greater        Comparator = ">"
	GreaterOrEqual Comparator = ">="
	Exists         Comparator = "*"
)

func (*And) expr()  {}
func (*Or) expr()   {}
func (*Not) expr()  {}
func (*Term) expr() {}

// String is the query, in brackets where the tree needs them.
func (e *And) String() string { return join(e.Terms, " AND ") }

// String is the query, in brackets where the tree needs them.
func (e *Or) String() string { return join(e.Terms, " OR ") }

// String is the query with a leading -.
func (e *Not) String() string { return "-" + bracketed(e.Term) }

// String is the term, its values in quotes where they need them.
func (e *Term) String() string {
	var b strings.Builder
	if e.Field != "" {
		b.WriteString(e.Field + ":")
	}
	b.WriteString(string(e.Comparator))
	for i, v := range e.Values {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(v.String())
	}
	return b.String()
}

// String is the value as a query has it, in quotes where it needs them.
func (v Value) String() string {
	text := v.Text
	if needsQuotes(text) {
		text = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
	}
	if v.Prefix {
		text += "*"
	}
	return text
}

func join(terms []Expr, word string) string {
	texts := make([]string, len(terms))
	for i, t := range terms {
		texts[i] = bracketed(t)
	}
	return strings.Join(texts, word)
}

func bracketed(e Expr) string {
	switch e.(type) {
	case *And, *Or:
		return "(" + e.String() + ")"
	}
	return e.String()
}

var reserved = []string{"AND", "OR", "NOT"}

func needsQuotes(text string) bool {
	return text == "" || text[0] == '-' || text[0] == '=' || slices.Contains(reserved, text) ||
		strings.ContainsFunc(
			text, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(`()"'\:,*<>`, r) },
		)
}
