package fulfillment

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// OrderContent is what a sender says of an order, in digests: enough to tell whether an order that comes again is the
// one that was handed over first, and else which fields differ, without keeping personal data a second time. It is made
// once, of what was handed over, and stays what it is whatever becomes of the order: an order that was edited, updated
// or re-routed since is still recognised.
//
// The digests of single fields are short and salted with the order's ID: they name what differs. That nothing differs
// is for the fingerprint of all of it to say.
type OrderContent struct {
	// Fingerprint is that of everything but what a sender may leave to Packhorse: name, processedAt and IDs of lines.
	Fingerprint string `json:"fingerprint"`
	// Fields are digests by the path of the field, such as "shippingAddress.city"; what was left out is missing.
	Fields map[string]string `json:"fields,omitempty"`
	// Lines are the same of each line, by the name of its field.
	Lines []map[string]string `json:"lines,omitempty"`
	// PlainFingerprint and Plain are the same, of the order in its plainest form, where that is another one; Plain by
	// the path of the field, with lines as "lineItems[2].unitPrice". "" says that the field is left out there. Two
	// orders that are the same in their plainest forms are the same order.
	PlainFingerprint string            `json:"plainFingerprint,omitempty"`
	Plain            map[string]string `json:"plain,omitempty"`
}

// Content digests what the order says, in its normal form (see [Order.Complete]): a field that is left out says what
// its default says. The order is as its sender gave it, but for its ID, which must be there; it is not changed. What
// the sender's request is about, and not the order (firstId, commandId, actor), is no part of it.
func (o *Order) Content() OrderContent {
	normal := *o
	_ = normal.Complete(IDEpoch) // What is wrong with it is said elsewhere.
	normal.FirstID, normal.CommandID, normal.Actor, normal.Numbered = 0, "", Actor{}, false
	if Tidy(o.Name) == "" || o.Numbered {
		normal.Name = ""
	}
	normal.ID, normal.ProcessedAt = 0, o.ProcessedAt
	if o.ProcessedAt != nil {
		normal.ProcessedAt = new(o.ProcessedAt.UTC().Round(0))
	}
	normal.LineItems = slices.Clone(normal.LineItems)
	for i := range normal.LineItems {
		if taxable := normal.LineItems[i].Taxable; taxable != nil && *taxable {
			normal.LineItems[i].Taxable = nil // The default.
		}
	}
	c := digestsOf(normal, o.ID)
	plain := digestsOf(plainest(normal), o.ID)
	if plain.Fingerprint != c.Fingerprint {
		c.PlainFingerprint, c.Plain = plain.Fingerprint, map[string]string{}
		keepOthers(c.Plain, "", c.Fields, plain.Fields)
		for i, line := range c.Lines {
			keepOthers(c.Plain, linePath(i)+".", line, plain.Lines[i])
		}
	}
	return c
}

// plainest is the order in the one form that all have in common who say the same in several ways: prices without zeros
// at their end, weights in grams, tags in order and once each, and no delivery method of a line that is the one that it
// has by default. It shares nothing with the order that it changes.
func plainest(o Order) Order {
	o.Tags = slices.Compact(slices.Sorted(slices.Values(o.Tags)))
	o.Transactions = slices.Clone(o.Transactions)
	for i := range o.Transactions {
		o.Transactions[i].Amount = plainDecimal(o.Transactions[i].Amount)
	}
	o.LineItems = slices.Clone(o.LineItems)
	for i := range o.LineItems {
		l := &o.LineItems[i]
		l.UnitPrice, l.Weight = plainDecimal(l.UnitPrice), l.Weight.plain()
		l.TaxLines = slices.Clone(l.TaxLines)
		for j := range l.TaxLines {
			l.TaxLines[j].Rate = plainDecimal(l.TaxLines[j].Rate)
			l.TaxLines[j].Price = plainDecimal(l.TaxLines[j].Price)
		}
		given := l.DeliveryMethod
		if l.DeliveryMethod = ""; o.DeliveryMethodOf(*l) != given {
			l.DeliveryMethod = given
		}
	}
	return o
}

// plainDecimal is a number without what doesn't count in it; any other text as it is.
func plainDecimal(text string) string {
	if !isDecimal(text) {
		return text
	}
	return decimalText(decimal(text), 0)
}

// keepOthers keeps the digests that are others in the plainest form.
func keepOthers(into map[string]string, prefix string, given, plain map[string]string) {
	for name := range bothOf(given, plain) {
		if given[name] != plain[name] {
			into[prefix+name] = plain[name]
		}
	}
}

// digestsOf digests an order as it is.
func digestsOf(o Order, salt ID) OrderContent {
	d := digester{salt: salt.String()}
	c := OrderContent{Fields: map[string]string{}}
	for name, value := range fieldsOf(o) {
		switch name {
		case "lineItems":
			for i, line := range o.LineItems {
				digests := map[string]string{}
				for name, value := range fieldsOf(line) {
					digests[name] = d.digest(linePath(i)+"."+name, value, name != "id")
				}
				c.Lines = append(c.Lines, digests)
			}
		case "shippingAddress":
			for part, value := range fieldsOf(o.ShippingAddress) {
				path := name + "." + part
				c.Fields[path] = d.digest(path, value, true)
			}
		default:
			c.Fields[name] = d.digest(name, value, !mayBeLeft(name))
		}
	}
	c.Fingerprint = d.fingerprint()
	return c
}

// mayBeLeft tells whether a sender that leaves the field out leaves it to Packhorse: it then says nothing about it.
func mayBeLeft(field string) bool { return field == "name" || field == "processedAt" || field == "id" }

// Differs lists the paths of the fields in which an order that comes again differs from what was handed over first,
// each as people read it, such as "lineItems[2].quantity". None says that it is the same order.
func (c OrderContent) Differs(again OrderContent) []string {
	paths := c.differing(again, c.Fields, again.Fields, "")
	for i := range max(len(c.Lines), len(again.Lines)) {
		if i >= len(c.Lines) || i >= len(again.Lines) {
			paths = append(paths, linePath(i))
			continue
		}
		paths = append(paths, c.differing(again, c.Lines[i], again.Lines[i], linePath(i)+".")...)
	}
	if len(paths) == 0 && c.Fingerprint != again.Fingerprint && c.plainFingerprint() != again.plainFingerprint() {
		return []string{"lineItems"} // Short digests may agree by chance.
	}
	return paths
}

// plainFingerprint is the fingerprint of the plainest form. What was kept before there was one is taken to be it.
func (c OrderContent) plainFingerprint() string { return cmp.Or(c.PlainFingerprint, c.Fingerprint) }

// plain is the digest of a field's plainest form; digest is that of the form that was given.
func (c OrderContent) plain(path, digest string) string {
	if plain, other := c.Plain[path]; other {
		return plain
	}
	return digest
}

// SameLines tells whether lines that come again are those that were added to an order first: all that they say counts,
// but for IDs that are left out. Neither is changed.
func SameLines(first, again []LineItem) bool {
	content := func(lines []LineItem) OrderContent {
		o := Order{ID: 1, LineItems: lines}
		return o.Content()
	}
	return len(content(first).Differs(content(again))) == 0
}

// differing lists the fields that are others, of the order or of one of its lines.
func (c OrderContent) differing(again OrderContent, first, second map[string]string, prefix string) []string {
	var paths []string
	for _, name := range slices.Sorted(maps.Keys(bothOf(first, second))) {
		path, before, now := prefix+name, first[name], second[name]
		if (now != "" || !mayBeLeft(name)) && before != now && c.plain(path, before) != again.plain(path, now) {
			paths = append(paths, path)
		}
	}
	return paths
}

// bothOf are the names in one or the other.
func bothOf(a, b map[string]string) map[string]string {
	both := make(map[string]string, len(a))
	maps.Copy(both, a)
	maps.Copy(both, b)
	return both
}

func linePath(i int) string { return fmt.Sprintf("lineItems[%d]", i) }

// fieldsOf are the fields of a struct by their JSON names, without those that say nothing.
func fieldsOf(v any) map[string]json.RawMessage {
	body, err := json.Marshal(v)
	if err != nil { // A time that JSON has no word for, which is refused elsewhere.
		body = []byte(`{}`)
	}
	var fields map[string]json.RawMessage
	_ = json.Unmarshal(body, &fields) // It is an object that was just written.
	return fields
}

// digester makes digests of single values, and a fingerprint of all that matter.
type digester struct {
	salt   string
	values []string
}

// digestBytes are 24 bits: too few to find a value by, enough to see that it is another one.
const digestBytes = 3

func (d *digester) digest(path string, value json.RawMessage, matters bool) string {
	text := path + "\x00" + string(value)
	if matters {
		d.values = append(d.values, text)
	}
	sum := sha256.Sum256([]byte(d.salt + "\x00" + text))
	return base64.RawURLEncoding.EncodeToString(sum[:digestBytes])
}

func (d *digester) fingerprint() string {
	slices.Sort(d.values)
	sum := sha256.Sum256([]byte(strings.Join(d.values, "\x01")))
	return hex.EncodeToString(sum[:12])
}
