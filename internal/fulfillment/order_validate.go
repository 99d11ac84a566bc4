package fulfillment

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// MaxLineQuantity is the largest number of units that one order line may have.
const MaxLineQuantity = 1_000_000

// The longest texts that an order may hold, in characters.
const (
	maxNameLength    = 255
	maxNoteLength    = 5000
	maxEmailLength   = 320
	maxPriceLength   = 32
	maxTags          = 250
	maxMetadata      = 100
	maxMetadataKey   = 100
	maxMetadataValue = 5000
	maxAttributes    = 100
	maxTransactions  = 250
	maxTaxLines      = 50
)

// Complete fills in the defaults (Name, ProcessedAt, DeliveryMethod, RequiresShipping), brings times to UTC and codes
// to upper case, and checks the whole order. The error is an [*Error] with code [CodeInvalid] that names every problem
// with its place, such as "lineItems[2].quantity: must be at least 1 (is 0)"; its Field is the place of the first one.
func (o *Order) Complete(now time.Time) error {
	var p orderProblems
	if o.ID <= 0 {
		p.add(p.at("id"), "must be a positive whole number (is %d)", o.ID)
	}
	if o.Name == "" && o.ID > 0 {
		o.Name = "#" + o.ID.String()
	}
	if o.ProcessedAt == nil {
		at := now.UTC()
		o.ProcessedAt = &at
	}
	if o.DeliveryMethod == "" {
		o.DeliveryMethod = DeliveryShipping
	}
	p.text(p.at("name"), o.Name, maxNameLength)
	p.text(p.at("sourceIdentifier"), o.SourceIdentifier, maxNameLength)
	p.time(p.at("processedAt"), &o.ProcessedAt)
	p.text(p.at("email"), o.Email, maxEmailLength)
	p.text(p.at("phone"), o.Phone, maxNameLength)
	p.text(p.at("note"), o.Note, maxNoteLength)
	if len(o.Tags) > maxTags {
		p.add(p.at("tags"), "at most %d are allowed (are %d)", maxTags, len(o.Tags))
	}
	for i, tag := range o.Tags {
		p.text(p.at("tags", i), tag, maxNameLength)
	}
	p.letters(p.at("currencyCode"), &o.CurrencyCode, 3)
	p.attributes(p.at("customAttributes"), o.CustomAttributes)
	o.Transactions = p.transactions(p.at("transactions"), o.Transactions)
	if o.ShippingAddress != nil {
		p.address(p.at("shippingAddress"), o)
	}
	if !slices.Contains(DeliveryMethodTypes, o.DeliveryMethod) {
		p.add(
			p.at("deliveryMethod"), "must be one of %s (is %s)", orList(DeliveryMethodTypes),
			quoted(string(o.DeliveryMethod)),
		)
	}
	p.time(p.at("fulfillAt"), &o.FulfillAt)
	p.time(p.at("fulfillBy"), &o.FulfillBy)
	if o.DeliveryTimeout < 0 {
		p.add(p.at("deliveryTimeout"), "must not be negative (is %s)", time.Duration(o.DeliveryTimeout))
	}
	p.metadata(p.at("metadata"), o.Metadata)
	p.id(p.at("firstId"), o.FirstID)
	if o.FirstID > maxFirstID {
		p.add(p.at("firstId"), "must be at most %d (is %d)", maxFirstID, o.FirstID)
	}
	p.text(p.at("commandId"), o.CommandID, maxNameLength)
	p.actor(p.at("actor"), o.Actor)
	if len(o.LineItems) == 0 {
		p.sentence(p.at("lineItems"), "An order needs at least one line item.")
	}
	o.LineItems = p.lines(p.at("lineItems"), o.LineItems)
	return p.err()
}

// orderProblems collects what is wrong with an input, each problem with its place.
type orderProblems struct {
	first []string
	texts []string
	count int
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
	if p.count == 0 {
		p.first = path
	}
	if p.count++; p.count <= maxProblems {
		p.texts = append(p.texts, text)
	}
}

func (p *orderProblems) err() error {
	if p.count == 0 {
		return nil
	}
	message := strings.Join(p.texts, "; ")
	if more := p.count - len(p.texts); more > 0 {
		message += fmt.Sprintf("; and %d more", more)
	}
	return refusal(CodeInvalid, p.first, "%s", message)
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

// text checks what every text must be: valid UTF-8, without the NUL that PostgreSQL can't keep, and not too long.
func (p *orderProblems) text(path []string, text string, longest int) {
	switch n := utf8.RuneCountInString(text); {
	case !utf8.ValidString(text):
		p.add(path, "is not valid UTF-8 text")
	case strings.ContainsRune(text, 0):
		p.add(path, "must not contain the character NUL")
	case n > longest:
		p.add(path, "may have at most %d characters (has %d)", longest, n)
	}
}

func (p *orderProblems) id(path []string, id ID) {
	if id < 0 {
		p.add(path, "must be a positive whole number (is %d)", id)
	}
}

// time brings a time to UTC. It replaces the pointer: what it pointed to belongs to the caller.
func (p *orderProblems) time(path []string, at **time.Time) {
	if *at == nil {
		return
	}
	utc := (*at).UTC().Round(0)
	if utc.Year() < 1970 || utc.Year() > 9999 {
		p.add(path, "must be in the years 1970 to 9999 (is in %d)", utc.Year())
	}
	*at = &utc
}

// letters checks a code of exactly n letters, such as a currency, and brings it to upper case.
func (p *orderProblems) letters(path []string, code *string, n int) {
	if *code == "" {
		return
	}
	upper := strings.ToUpper(*code)
	ok := len(upper) == n && len(*code) == n
	for i := 0; ok && i < n; i++ {
		ok = upper[i] >= 'A' && upper[i] <= 'Z'
	}
	if !ok {
		p.add(path, "must be a code of %d letters (is %s)", n, quoted(*code))
		return
	}
	*code = upper
}

func (p *orderProblems) address(path []string, o *Order) {
	a := *o.ShippingAddress
	for _, f := range []struct{ name, text string }{
		{"firstName", a.FirstName}, {"lastName", a.LastName}, {"company", a.Company}, {"address1", a.Address1},
		{"address2", a.Address2}, {"city", a.City}, {"provinceCode", a.ProvinceCode}, {"zip", a.Zip},
		{"phone", a.Phone},
	} {
		p.text(below(path, f.name), f.text, maxNameLength)
	}
	p.text(below(path, "email"), a.Email, maxEmailLength)
	p.letters(below(path, "countryCode"), &a.CountryCode, 2)
	o.ShippingAddress = &a
}

func (p *orderProblems) actor(path []string, a Actor) {
	roles := []Role{RoleOperator, RoleMerchant, RoleService, RoleSystem}
	if a.Role != "" && !slices.Contains(roles, a.Role) {
		p.add(below(path, "role"), "must be one of %s (is %s)", orList(roles), quoted(string(a.Role)))
	}
	p.text(below(path, "app"), a.App, maxNameLength)
	p.text(below(path, "name"), a.Name, maxNameLength)
	p.id(below(path, "serviceId"), a.ServiceID)
}

func (p *orderProblems) metadata(path []string, m map[string]string) {
	if len(m) > maxMetadata {
		p.add(path, "at most %d entries are allowed (are %d)", maxMetadata, len(m))
		return
	}
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys) // So that the same order always gets the same message.
	for _, k := range keys {
		p.text(path, k, maxMetadataKey)
		p.text(below(path, keyStep(k)), m[k], maxMetadataValue)
	}
}

// lines completes and checks order lines, and returns them in a slice of their own.
func (p *orderProblems) lines(path []string, items []LineItem) []LineItem {
	if len(items) > MaxLines {
		p.add(path, "at most %d lines are allowed (are %d)", MaxLines, len(items))
		return items
	}
	items = slices.Clone(items)
	seen := make(map[ID]int, len(items))
	for i := range items {
		l := &items[i]
		at := below(path, i)
		p.id(below(at, "id"), l.ID)
		if other, ok := seen[l.ID]; ok && l.ID > 0 {
			p.add(below(at, "id"), "%d is already the ID of %s", l.ID, showPath(below(path, other)))
		} else {
			seen[l.ID] = i
		}
		if strings.TrimSpace(l.Title) == "" {
			p.add(below(at, "title"), "must not be empty")
		}
		p.text(below(at, "title"), l.Title, maxNameLength)
		p.text(below(at, "variantTitle"), l.VariantTitle, maxNameLength)
		p.text(below(at, "vendor"), l.Vendor, maxNameLength)
		p.text(below(at, "sku"), l.SKU, maxNameLength)
		switch {
		case l.Quantity < 1:
			p.add(below(at, "quantity"), "must be at least 1 (is %d)", l.Quantity)
		case l.Quantity > MaxLineQuantity:
			p.add(below(at, "quantity"), "must be at most %d (is %d)", MaxLineQuantity, l.Quantity)
		}
		p.delivery(at, l)
		if l.UnitPrice != "" {
			p.decimal(below(at, "unitPrice"), l.UnitPrice)
		}
		p.taxLines(below(at, "taxLines"), l.TaxLines)
		p.attributes(below(at, "customAttributes"), l.CustomAttributes)
		p.id(below(at, "locationId"), l.LocationID)
		p.time(below(at, "fulfillAt"), &l.FulfillAt)
		p.time(below(at, "fulfillBy"), &l.FulfillBy)
		p.metadata(below(at, "metadata"), l.Metadata)
	}
	return items
}

// isDecimal tells whether text is digits, with at most one point between them: no sign, no exponent, no grouping.
func isDecimal(text string) bool {
	whole, fraction, point := strings.Cut(text, ".")
	digits := func(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
	return len(text) <= maxPriceLength && digits(whole) && (!point || digits(fraction))
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
