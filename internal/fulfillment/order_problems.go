package fulfillment

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// orderProblems collects what is wrong with an input, each problem with its place.
type orderProblems struct {
	before bool // see Order.CompleteAsBefore
	found  []Problem
}

// maxProblems bounds the message: an order has up to 512 lines, and all of them may be wrong in the same way.
const maxProblems = 50

// at makes a path from names and list positions.
func (p *orderProblems) at(steps ...any) []string {
	path := make([]string, len(steps))
	for i, s := range steps {
		path[i] = fmt.Sprint(s)
	}
	return path
}

func (p *orderProblems) add(path []string, format string, args ...any) {
	p.sentence(path, showPath(path)+": "+fmt.Sprintf(format, args...))
}

func (p *orderProblems) sentence(path []string, text string) {
	p.found = append(p.found, Problem{Field: path, Message: text})
}

func (p *orderProblems) err() error {
	if len(p.found) == 0 {
		return nil
	}
	told := slices.Clone(p.found[:min(len(p.found), maxProblems)])
	if more := len(p.found) - len(told); more > 0 {
		told = append(told, Problem{Message: fmt.Sprintf("and %d more", more)})
	}
	texts := make([]string, len(told))
	for i, one := range told {
		texts[i] = one.Message
	}
	refused := refusal(CodeInvalid, told[0].Field, "%s", strings.Join(texts, "; "))
	if len(told) > 1 {
		refused.Problems = told
	}
	return refused
}

// and adds the problems of another look at the same input, but those of places, or of parts of places, that have one:
// what can't be read there was left out.
func (p *orderProblems) and(others []Problem) {
	had := make(map[string]bool, len(p.found))
	for _, one := range p.found {
		had[showPath(one.Field)] = true
	}
	for _, other := range others {
		known := false
		for n := range other.Field {
			known = known || had[showPath(other.Field[:n+1])]
		}
		if !known {
			p.found = append(p.found, other)
		}
	}
}

// showPath writes a path the way programmers read it: lineItems[2].quantity.
func showPath(path []string) string {
	var b strings.Builder
	for i, step := range path {
		if _, err := strconv.Atoi(step); err == nil {
			b.WriteString("[" + step + "]")
			continue
		}
		if i > 0 {
			b.WriteByte('.')
		}
		b.WriteString(step)
	}
	return b.String()
}

// pathSteps is the path that [showPath] has written.
func pathSteps(path string) []string {
	return strings.Split(strings.NewReplacer("[", ".", "]", "").Replace(path), ".")
}

func below(path []string, steps ...any) []string {
	return append(slices.Clone(path), (&orderProblems{}).at(steps...)...)
}

// quoted shows somebody's input in a message, not longer than a message should be.
func quoted(text string) string { return strconv.Quote(shortened(text)) }

// keyStep is somebody's own key as a step of a path: without control characters, and not too long.
func keyStep(key string) string {
	q := quoted(key)
	return q[1 : len(q)-1]
}

func shortened(text string) string {
	const longest = 60
	if utf8.RuneCountInString(text) <= longest {
		return text
	}
	return string([]rune(text)[:longest]) + "…"
}

// orList is "A, B or C".
func orList[T ~string](values []T) string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = string(v)
	}
	if len(texts) < 2 {
		return strings.Join(texts, "")
	}
	return strings.Join(texts[:len(texts)-1], ", ") + " or " + texts[len(texts)-1]
}
