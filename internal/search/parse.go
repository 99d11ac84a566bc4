package search

import "unicode"

// The limits of a query of a list. They keep the work that one request can ask for small.
const (
	MaxLength = 16384 // characters
	MaxDepth  = 32    // brackets and negations around a term
	MaxValues = 500   // values over all terms
)

// Limits are how much a query may have.
type Limits struct {
	Length int // in characters
	Values int // over all terms
}

// Parse reads a query of a list. Blank text is an [And] without terms. An error is an *[Error].
func Parse(text string) (Expr, error) { return ParseWithin(text, Limits{MaxLength, MaxValues}) }

// ParseWithin is [Parse] with other limits; that of depth is the same.
func ParseWithin(text string, limits Limits) (Expr, error) {
	// What is longer in bytes than so many characters can ever be is not even decoded.
	if len(text) > 4*limits.Length {
		return nil, limits.tooLong()
	}
	p := &parser{text: []rune(text), most: limits.Values}
	if len(p.text) > limits.Length {
		return nil, limits.tooLong()
	}
	p.skipSpace()
	if p.ended() {
		return &And{}, nil
	}
	e, err := p.or()
	if err == nil && !p.ended() { // Only a closing bracket ends an expression before the text does.
		err = Errorf(p.at, "This bracket closes none: put a ( before, or quotes around the text.")
	}
	if err != nil {
		return nil, err
	}
	return e, nil
}

func (l Limits) tooLong() *Error {
	return Errorf(l.Length, "The query is too long: at most %d characters are allowed.", l.Length)
}

type parser struct {
	text   []rune
	at     int // the next character
	depth  int
	values int
	most   int // of values
}

// or = and { "OR" and }
func (p *parser) or() (Expr, error) {
	at := p.at
	terms, err := p.list(p.and, func() bool { return p.keyword("OR") })
	if err != nil || len(terms) == 1 {
		return first(terms), err
	}
	return &Or{At: at, Terms: terms}, nil
}

// and = not { [ "AND" ] not }
func (p *parser) and() (Expr, error) {
	at := p.at
	terms, err := p.list(p.not, func() bool {
		if p.keyword("AND") {
			return true
		}
		return !p.ended() && p.peek() != ')' && !p.keywordAhead("OR")
	})
	if err != nil || len(terms) == 1 {
		return first(terms), err
	}
	return &And{At: at, Terms: terms}, nil
}

// list reads one expression, and others as long as more says so. Spaces around them are skipped.
func (p *parser) list(one func() (Expr, error), more func() bool) ([]Expr, error) {
	var terms []Expr
	for {
		e, err := one()
		if err != nil {
			return nil, err
		}
		terms = append(terms, e)
		p.skipSpace()
		if !more() {
			return terms, nil
		}
		p.skipSpace()
	}
}

func first(terms []Expr) Expr {
	if len(terms) == 0 {
		return nil
	}
	return terms[0]
}

// not = ( "-" | "NOT" ) not | "(" or ")" | term
func (p *parser) not() (Expr, error) {
	at := p.at
	if p.ended() || p.peek() == ')' {
		return nil, p.missingTerm()
	}
	for _, word := range []string{"AND", "OR"} {
		if p.keywordAhead(word) {
			return nil, Errorf(
				at, "A term is missing before %s. To look for the word itself, put quotes around it.", word,
			)
		}
	}
	switch {
	case p.keyword("NOT"):
		p.skipSpace()
		return p.negated(at)
	case p.accept('-'):
		if p.ended() || unicode.IsSpace(p.peek()) {
			return nil, Errorf(at, "A term must follow - at once, without a space.")
		}
		return p.negated(at)
	case p.peek() == '(':
		return p.brackets()
	}
	e, err := p.term()
	if err == nil {
		err = p.delimited()
	}
	if err != nil {
		return nil, err
	}
	return e, nil
}

func (p *parser) negated(at int) (Expr, error) {
	if err := p.enter(at); err != nil {
		return nil, err
	}
	e, err := p.not()
	if err != nil {
		return nil, err
	}
	p.depth--
	return &Not{At: at, Term: e}, nil
}

func (p *parser) brackets() (Expr, error) {
	at := p.at
	if err := p.enter(at); err != nil {
		return nil, err
	}
	p.at++
	p.skipSpace()
	e, err := p.or()
	if err != nil {
		return nil, err
	}
	if !p.accept(')') {
		return nil, Errorf(at, "This bracket is never closed: a ) is missing.")
	}
	p.depth--
	return e, p.delimited()
}

func (p *parser) enter(at int) error {
	if p.depth++; p.depth > MaxDepth {
		return Errorf(
			at, "The query is nested too deeply: at most %d brackets and negations around a term are allowed.",
			MaxDepth,
		)
	}
	return nil
}

// delimited checks that a term or a bracket ends where it seems to: `tag:a(b)` is more likely a text without quotes
// than two terms.
func (p *parser) delimited() error {
	if p.ended() || unicode.IsSpace(p.peek()) || p.peek() == ')' {
		return nil
	}
	return Errorf(
		p.at, "A space is missing before %q. If it belongs to the text before it, put quotes around all of it.",
		p.peek(),
	)
}

func (p *parser) missingTerm() error {
	return Errorf(p.at, "A term is missing: a text, field:value, or one of these in brackets or after -.")
}

// keywordAhead tells whether the word stands here as a whole.
func (p *parser) keywordAhead(word string) bool {
	end := p.at + len(word)
	return end <= len(p.text) && string(p.text[p.at:end]) == word &&
		(end == len(p.text) || unicode.IsSpace(p.text[end]) || p.text[end] == '(' || p.text[end] == ')')
}

func (p *parser) keyword(word string) bool {
	found := p.keywordAhead(word)
	if found {
		p.at += len(word)
	}
	return found
}

func (p *parser) accept(r rune) bool {
	found := !p.ended() && p.peek() == r
	if found {
		p.at++
	}
	return found
}

func (p *parser) ended() bool { return p.at >= len(p.text) }

func (p *parser) peek() rune { return p.text[p.at] }

func (p *parser) skipSpace() {
	for !p.ended() && unicode.IsSpace(p.peek()) {
		p.at++
	}
}
