package search

import (
	"slices"
	"strings"
	"unicode"
)

// term = value | name ":" [ comparator ] value { "," value } | name ":*"
func (p *parser) term() (Expr, error) {
	t := &Term{At: p.at}
	if name := p.fieldAhead(); name != "" {
		t.Field = name
		p.at += len(name) + 1 // A name is ASCII.
		return t, p.condition(t)
	}
	if p.starAhead() {
		p.at++
		t.Comparator = Exists
		return t, nil
	}
	v, err := p.value(t)
	t.Values = []Value{v}
	return t, err
}

// fieldAhead is the name of the field that starts here, "" when it is a bare text.
func (p *parser) fieldAhead() string {
	end := p.at
	for end < len(p.text) && inName(p.text[end], end == p.at) {
		end++
	}
	if end == p.at || end == len(p.text) || p.text[end] != ':' {
		return ""
	}
	return string(p.text[p.at:end])
}

// inName tells whether a character can be in a field's name: letters, and after the first also digits, underscores,
// hyphens and dots (Shopify's metafields have dots).
func inName(r rune, first bool) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || !first && strings.ContainsRune("0123456789_-.", r)
}

// condition is what follows the colon.
func (p *parser) condition(t *Term) error {
	p.skipSpace()
	for _, c := range []Comparator{LessOrEqual, GreaterOrEqual, Less, Greater} {
		if end := p.at + len(c); end <= len(p.text) && string(p.text[p.at:end]) == string(c) {
			t.Comparator = c
			p.at = end
			p.skipSpace()
			break
		}
	}
	if t.Comparator == Equal && p.starAhead() {
		p.at++
		t.Comparator = Exists
		if !p.ended() && p.peek() == ',' {
			return Errorf(p.at, "%s:* stands for any value: it can't be part of a list.", t.Field)
		}
		return nil
	}
	for {
		v, err := p.value(t)
		if err != nil {
			return err
		}
		t.Values = append(t.Values, v)
		if p.ended() || p.peek() != ',' {
			return nil
		}
		if t.Comparator != Equal {
			return Errorf(p.at, "A list can't follow %s: %s:%s takes one value.", t.Comparator, t.Field, t.Comparator)
		}
		p.at++
		p.skipSpace()
	}
}

// starAhead tells whether a * stands here alone.
func (p *parser) starAhead() bool {
	if p.ended() || p.peek() != '*' {
		return false
	}
	next := p.at + 1
	return next == len(p.text) || unicode.IsSpace(p.text[next]) || p.text[next] == ')' || p.text[next] == ','
}

// value reads a value, quoted or not, with the * that may follow.
func (p *parser) value(t *Term) (Value, error) {
	v := Value{At: p.at}
	if p.values++; p.values > p.most {
		return v, Errorf(p.at, "The query has too many values: at most %d are allowed.", p.most)
	}
	if p.ended() || unicode.IsSpace(p.peek()) || p.peek() == ')' || p.peek() == ',' && t.Field != "" {
		return v, Errorf(p.at, "A value is missing after %s. An empty one is written \"\".", string(p.text[t.At:p.at]))
	}
	if p.peek() == '(' {
		return v, Errorf(p.at, "Brackets hold whole terms: write %s:a,b or (%s:a OR %s:b).", t.Field, t.Field, t.Field)
	}
	var err error
	if quote := p.peek(); quote == '"' || quote == '\'' {
		v.Text, err = p.quoted(quote)
	} else {
		v.Text, err = p.word(t)
	}
	if err != nil || p.ended() || p.peek() != '*' {
		return v, err
	}
	if t.Comparator != Equal {
		return v, Errorf(p.at, "A * can't follow the value of %s.", t.Comparator)
	}
	p.at++
	v.Prefix = true
	if !p.ended() && p.peek() != ',' && p.delimited() != nil {
		return v, Errorf(p.at-1, `A * stands only at the end of a value. For the character itself, write \*.`)
	}
	if v.Text == "" && p.text[v.At] == '*' {
		return v, Errorf(v.At, "%s:* stands for any value: it can't be part of a list.", t.Field)
	}
	return v, nil
}

// quoted reads up to the closing quote. A backslash takes the next character as it is.
func (p *parser) quoted(quote rune) (string, error) {
	start := p.at
	var text []rune
	for p.at++; !p.ended(); p.at++ {
		switch r := p.peek(); {
		case r == quote:
			p.at++
			return string(text), nil
		case r == '\\' && p.at+1 < len(p.text):
			p.at++
			text = append(text, p.peek())
		default:
			text = append(text, r)
		}
	}
	return "", Errorf(start, "This quote is never closed: a %c is missing.", quote)
}

// word reads a value without quotes, up to a space, a bracket, a comma between values, or a *. A backslash takes the
// next character as it is; a quote inside of a word is part of it, as in O'Neill.
func (p *parser) word(t *Term) (string, error) {
	start := p.at
	var text []rune
	for ; !p.ended(); p.at++ {
		r := p.peek()
		if unicode.IsSpace(r) || r == '(' || r == ')' || r == '*' || r == ',' && t.Field != "" {
			break
		}
		switch {
		case r == '\\':
			if p.at++; p.ended() {
				return "", Errorf(p.at-1, `A character must follow the backslash. For the backslash itself, write \\.`)
			}
			r = p.peek()
		case r == ':' && t.Field == "":
			return "", Errorf(p.at, "The name of a field must stand before the colon: a letter, then letters, digits, "+
				"underscores, hyphens or dots. Put quotes around a text with a colon.")
		case (r == '<' || r == '>') && t.Field == "":
			return "", Errorf(p.at,
				"A colon must stand before a comparison, as in updated_at:>=2026-01-31. Put quotes "+
					"around a text with %c.", r)
		}
		text = append(text, r)
	}
	if slices.Contains(reserved, string(p.text[start:p.at])) {
		return "", Errorf(
			start, "A value is missing before %s. If it is the value, put quotes around it.", string(text),
		)
	}
	return string(text), nil
}
