package fulfillment

import (
	"cmp"
	"slices"
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

// Complete fills in the defaults (Name, ProcessedAt, DeliveryMethod, RequiresShipping), makes texts of one line [Tidy],
// brings times to UTC and codes to upper case, and checks the whole order. The error is an [*Error] with code
// [CodeInvalid] that names every problem with its place, such as "lineItems[2].quantity: must be at least 1 (is 0)";
// its Field is the place of the first one.
func (o *Order) Complete(now time.Time) error {
	var p orderProblems
	p.order(o, now)
	return p.err()
}

// CompleteAsBefore is [Order.Complete] as it was when it took texts as they came, any letters for a country or a
// currency, and any time up to the year 9999: for workflows that did so.
func (o *Order) CompleteAsBefore(now time.Time) error {
	p := orderProblems{before: true}
	p.order(o, now)
	return p.err()
}

func (p *orderProblems) order(o *Order, now time.Time) {
	if o.ID <= 0 {
		p.add(p.at("id"), "must be a positive whole number (is %d)", o.ID)
	}
	p.line(p.at("name"), &o.Name, maxNameLength)
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
	p.line(p.at("sourceIdentifier"), &o.SourceIdentifier, maxNameLength)
	p.time(p.at("processedAt"), &o.ProcessedAt)
	p.line(p.at("email"), &o.Email, maxEmailLength)
	p.line(p.at("phone"), &o.Phone, maxNameLength)
	p.text(p.at("note"), o.Note, maxNoteLength)
	o.Tags = p.tags(p.at("tags"), o.Tags)
	p.currency(p.at("currencyCode"), &o.CurrencyCode)
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
	p.shippingOption(p.at("shippingOption"), &o.ShippingOption)
	p.time(p.at("fulfillAt"), &o.FulfillAt)
	p.time(p.at("fulfillBy"), &o.FulfillBy)
	p.inOrder(p.at("fulfillBy"), o.FulfillAt, o.FulfillBy)
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
	o.LineItems = p.lines(p.at("lineItems"), o.LineItems, o.FulfillAt, o.FulfillBy)
}

// text checks what every text must be: valid UTF-8, not damaged, without the NUL that PostgreSQL can't keep, and not
// too long.
func (p *orderProblems) text(path []string, text string, longest int) {
	switch n := utf8.RuneCountInString(text); {
	case !utf8.ValidString(text):
		p.add(path, "is not valid UTF-8 text")
	case strings.ContainsRune(text, 0):
		p.add(path, "must not contain the character NUL")
	case n > longest:
		p.add(path, "may have at most %d characters (has %d)", longest, n)
	case !p.before && textProblem(text) != "":
		p.add(path, "%s", textProblem(text))
	}
}

// line is text for a text of one line, and tidies it.
func (p *orderProblems) line(path []string, text *string, longest int) {
	if p.before || !utf8.ValidString(*text) {
		p.text(path, *text, longest)
		return
	}
	*text = Tidy(*text)
	if problem := lineProblem(*text); problem != "" {
		p.add(path, "%s", problem)
		return
	}
	p.text(path, *text, longest)
}

// tags tidies and checks tags, and returns them in a slice of their own.
func (p *orderProblems) tags(path []string, tags []string) []string {
	if len(tags) > maxTags {
		p.add(path, "at most %d are allowed (are %d)", maxTags, len(tags))
		return tags
	}
	tags = slices.Clone(tags)
	for i := range tags {
		p.line(below(path, i), &tags[i], maxNameLength)
	}
	if p.before {
		return tags
	}
	return slices.DeleteFunc(tags, func(tag string) bool { return tag == "" })
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
	last := lastYear
	if p.before {
		last = 9999
	}
	if utc.Year() < firstYear || utc.Year() > last {
		p.add(path, "must be in the years %d to %d (is in %d)", firstYear, last, utc.Year())
	}
	*at = &utc
}

// inOrder refuses a deadline that is over before the work may begin.
func (p *orderProblems) inOrder(path []string, fulfillAt, fulfillBy *time.Time) {
	if !p.before && fulfillAt != nil && fulfillBy != nil && fulfillBy.Before(*fulfillAt) {
		p.add(path, "must not be before fulfillAt, which is %s (is %s)", fulfillAt.Format(time.RFC3339),
			fulfillBy.Format(time.RFC3339))
	}
}

// currency checks a currency's code, and brings it to upper case.
func (p *orderProblems) currency(path []string, code *string) {
	if p.before {
		p.letters(path, code, 3)
		return
	}
	p.code(path, code, CurrencyProblem)
}

// country checks a country's code, and brings it to upper case.
func (p *orderProblems) country(path []string, code *string) {
	if p.before {
		p.letters(path, code, 2)
		return
	}
	p.code(path, code, CountryProblem)
}

func (p *orderProblems) code(path []string, code *string, problem func(code string) string) {
	if *code = strings.ToUpper(Tidy(*code)); *code == "" {
		return
	}
	if text := problem(*code); text != "" {
		p.add(path, "%s", text)
	}
}

// letters checks a code of exactly n letters, and brings it to upper case.
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
	for _, f := range []struct {
		name string
		text *string
	}{
		{"firstName", &a.FirstName}, {"lastName", &a.LastName}, {"company", &a.Company}, {"address1", &a.Address1},
		{"address2", &a.Address2}, {"city", &a.City}, {"provinceCode", &a.ProvinceCode}, {"zip", &a.Zip},
		{"phone", &a.Phone},
	} {
		p.line(below(path, f.name), f.text, maxNameLength)
	}
	p.line(below(path, "email"), &a.Email, maxEmailLength)
	p.country(below(path, "countryCode"), &a.CountryCode)
	o.ShippingAddress = &a
}

func (p *orderProblems) actor(path []string, a Actor) {
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
		p.text(below(path, keyStep(k)), k, maxMetadataKey)
		p.text(below(path, keyStep(k)), m[k], maxMetadataValue)
	}
}

// lines completes and checks order lines, and returns them in a slice of their own. The times are those of lines that
// say none.
func (p *orderProblems) lines(path []string, items []LineItem, fulfillAt, fulfillBy *time.Time) []LineItem {
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
		p.line(below(at, "title"), &l.Title, maxNameLength)
		if Tidy(l.Title) == "" {
			p.add(below(at, "title"), "must not be empty")
		}
		p.line(below(at, "variantTitle"), &l.VariantTitle, maxNameLength)
		p.line(below(at, "vendor"), &l.Vendor, maxNameLength)
		p.line(below(at, "sku"), &l.SKU, maxNameLength)
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
		l.TaxLines = p.taxLines(below(at, "taxLines"), l.TaxLines)
		p.attributes(below(at, "customAttributes"), l.CustomAttributes)
		p.weight(below(at, "weight"), &l.Weight)
		p.hsCode(below(at, "harmonizedSystemCode"), &l.HarmonizedSystemCode)
		p.country(below(at, "countryCodeOfOrigin"), &l.CountryCodeOfOrigin)
		p.id(below(at, "locationId"), l.LocationID)
		p.time(below(at, "fulfillAt"), &l.FulfillAt)
		p.time(below(at, "fulfillBy"), &l.FulfillBy)
		if l.FulfillAt != nil || l.FulfillBy != nil { // Else it is said of the order.
			p.inOrder(below(at, "fulfillBy"), cmp.Or(l.FulfillAt, fulfillAt), cmp.Or(l.FulfillBy, fulfillBy))
		}
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
