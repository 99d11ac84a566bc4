package postgres

import (
	"slices"
	"strings"

	"packhorse/internal/fulfillment"
	"packhorse/internal/search"
)

// SearchKind says which values a field takes.
type SearchKind string

// The kinds. All of them take lists (any of the values) and `field:*` (there is a value).
const (
	SearchID     SearchKind = "id"     // a whole number or a gid of the field's type, with comparisons
	SearchTime   SearchKind = "time"   // a date or a date and time, with comparisons; UTC unless it says otherwise
	SearchChoice SearchKind = "choice" // one of the field's choices, in any case
	SearchText   SearchKind = "text"   // a whole text in any case, or with * its start
	SearchNumber SearchKind = "number" // a decimal number, with comparisons, or a range such as 5..20
)

// SearchField is what a list can be searched by.
type SearchField struct {
	Name        string
	Kind        SearchKind
	Choices     []string // of a SearchChoice
	Type        string   // of a SearchID: the type in its gid, such as "Order"
	Description string   // for the docs, a part of a sentence

	column string // an expression, of a SearchText in lower case; {} stands before the table's columns
	exists string // the condition that there is a value
	// a condition, with %s for what is asked of the column; "": that itself. A SearchText has one.
	match    string
	optional string // of a SearchText: what may be left out at its start
	// of a SearchChoice: the column's values by choice; a choice that is not in it is its own
	values map[string][]string
	// of a SearchChoice: its values are written into the statement, so that an index for some of them is found
	literal bool
	domain  []string // of a SearchChoice: all values that the column can have; nil: unknown
}

// SearchSpec is how a list can be searched. Shopify answers a field that it doesn't know with a warning and ignores it;
// here it is an error, because a filter that silently doesn't filter is worse.
type SearchSpec struct {
	Noun    string // what the list holds, in the plural, with a capital letter
	Fields  []SearchField
	Default []string // the fields that a text without a field is looked up in
}

// SearchSpecs are the lists that can be searched, for the docs.
func SearchSpecs() []SearchSpec {
	return []SearchSpec{fulfillmentOrderSearch, orderSearch, locationSearch}
}

func (s *SearchSpec) field(name string) *SearchField {
	i := slices.IndexFunc(s.Fields, func(f SearchField) bool { return f.Name == name })
	if i < 0 {
		return nil
	}
	return &s.Fields[i]
}

func (s *SearchSpec) names() []string {
	names := make([]string, len(s.Fields))
	for i, f := range s.Fields {
		names[i] = f.Name
	}
	return names
}

// choose is what the column may be by a term's values.
func (f *SearchField) choose(t *search.Term) ([]string, error) {
	if err := f.wholeValues(t); err != nil {
		return nil, err
	}
	var chosen []string
	for _, v := range t.Values {
		i := slices.IndexFunc(f.Choices, func(choice string) bool { return strings.EqualFold(choice, v.Text) })
		if i < 0 {
			return nil, search.Errorf(
				v.At, "%q is no %s: allowed are %s.", v.Text, f.Name, strings.Join(f.Choices, ", "),
			)
		}
		values, ok := f.values[f.Choices[i]]
		if !ok {
			values = f.Choices[i : i+1]
		}
		for _, value := range values {
			if !slices.Contains(chosen, value) {
				chosen = append(chosen, value)
			}
		}
	}
	return chosen, nil
}

func (f *SearchField) wholeValues(t *search.Term) error {
	for _, v := range t.Values {
		if v.Prefix {
			return search.Errorf(v.At, "%s takes a whole value: a * is not allowed after it.", f.Name)
		}
	}
	return nil
}

var fulfillmentOrderSearch = SearchSpec{
	Noun: "Fulfillment orders",
	Fields: []SearchField{
		idField("id", "FulfillmentOrder", "id", "the fulfillment order's own ID"),
		columnOfAll("status", "the state of the work", fulfillment.Statuses),
		columnOfAll(
			"request_status", "where the conversation with the fulfillment service stands", fulfillment.RequestStatuses,
		),
		idField("assigned_location_id", "Location", "location_id", "the location that it is assigned to"),
		idField("order_id", "Order", "order_id", "the order that it is part of"),
		{Name: "order_name", Kind: SearchText, Description: "the name of the order, with or without its #",
			column: "lower(name)", match: "{}order_id IN (SELECT id FROM orders WHERE %s)",
			exists: "{}order_name <> ''", optional: "#"},
		timeField("created_at", "when it was committed first"),
		timeField("updated_at", "when it was committed last"),
		timeField("fulfill_at", "when the work is to start"),
		timeField("fulfill_by", "when the work is to be done"),
	},
	Default: []string{"order_name"},
}

var orderSearch = SearchSpec{
	Noun: "Orders",
	Fields: []SearchField{
		idField("id", "Order", "id", "the order's own ID"),
		{Name: "name", Kind: SearchText, Description: "the order's name, with or without its #",
			column: "lower({}name)", match: "%s", exists: "{}name <> ''", optional: "#"},
		{Name: "status", Kind: SearchChoice,
			Description: "whether the order as a whole is open; what is shipped whole, put away or cancelled is closed",
			Choices:     []string{"open", "not_closed", "closed", "cancelled", "any"},
			column: "CASE WHEN {}cancelled_at IS NOT NULL THEN 'cancelled' WHEN {}closed_at IS NULL THEN 'open' " +
				"ELSE 'closed' END",
			exists: "true",
			values: map[string][]string{"not_closed": {"open"}, "closed": {"closed", "cancelled"},
				"any": {"open", "closed", "cancelled"}},
			domain: []string{"open", "closed", "cancelled"}},
		orderFulfillmentStatus(),
		{
			Name: "email", Kind: SearchText, Description: "the buyer's email address", column: "lower({}email)",
			match: "%s", exists: "{}email <> ''",
		},
		{Name: "tag", Kind: SearchText, Description: "one of the order's tags",
			column: "lower(tag)", match: "EXISTS (SELECT FROM unnest({}tags) tag WHERE %s)",
			exists: "cardinality({}tags) > 0"},
		{Name: "tag_not", Kind: SearchText, Description: "a tag that the order has not",
			column: "lower(tag)", match: "NOT EXISTS (SELECT FROM unnest({}tags) tag WHERE %s)",
			exists: "cardinality({}tags) = 0"},
		{Name: "source_identifier", Kind: SearchText, Description: "the order's name in the system that it comes from",
			column: "lower({}source_identifier)", match: "%s", exists: "{}source_identifier IS NOT NULL"},
		orderFinancialStatus(),
		orderDeliveryMethod(),
		orderReturnStatus(),
		{Name: "sku", Kind: SearchText, Description: "the SKU of one of its lines", column: "lower(sku)",
			match:  "{}id IN (SELECT order_id FROM line_items WHERE sku <> '' AND %s)",
			exists: "EXISTS (SELECT FROM line_items l WHERE l.order_id = {}id AND l.sku <> '')"},
		{Name: "gateway", Kind: SearchText, Description: "who handled one of its payments",
			column: "lower(payment ->> 'gateway')",
			match:  "EXISTS (SELECT FROM jsonb_array_elements({}transactions) payment WHERE %s)",
			exists: "EXISTS (SELECT FROM jsonb_array_elements({}transactions) payment " +
				"WHERE payment ->> 'gateway' <> '')"},
		orderLocation("location_id", "a location that one of its fulfillment orders is assigned to", assignedOrders),
		orderLocation("fulfillment_location_id", "a location that one of its shipments left from", shippedOrders),
		orderLocation(
			"reference_location_id", "a location that has to do with it: one of both of these",
			assignedOrders+" UNION ALL "+shippedOrders,
		),
		{Name: "current_total_price", Kind: SearchNumber, Description: "what it costs now, with taxes, in its currency",
			column: "{}current_total", exists: "{}current_total IS NOT NULL"},
		{Name: "subtotal_line_items_quantity", Kind: SearchNumber, Description: "how many units it has now",
			column: "{}current_units", exists: "{}current_units IS NOT NULL"},
		boolField("test", "whether it is only a test of the shop"),
		timeField("created_at", "when it was handed over"),
		timeField("updated_at", "when a change of the order itself was committed last"),
		timeField("processed_at", "when the buyer placed it"),
	},
	Default: []string{"name", "email"},
}

var locationSearch = SearchSpec{
	Noun: "Locations",
	Fields: []SearchField{
		idField("id", "Location", "id", "the location's own ID"),
		idField("location_id", "Location", "id", "the same"),
		ownText("name", "name", "the location's name"),
		ownText("address1", "address1", "the first line of its address"),
		ownText("address2", "address2", "the second line of its address"),
		ownText("city", "city", "its city"),
		ownText("zip", "zip", "its postal code"),
		ownText("province", "province_code", "the code of its province, such as `BE`"),
		ownText("country", "country_code", "the code of its country, such as `DE`"),
		boolField("active", "whether work can be assigned to it"),
		timeField("created_at", "when it was added"),
	},
	Default: []string{"name"},
}

// orderFulfillmentStatus takes Shopify's words of the REST API as well as the display statuses. Unfulfilled are in
// Shopify's words those that are not fulfilled as a whole, unshipped those of which nothing was shipped.
func orderFulfillmentStatus() SearchField {
	var choices, notFulfilled, unshipped []string
	for _, s := range fulfillment.OrderDisplayStatuses {
		choices = append(choices, strings.ToLower(string(s)))
		if s != fulfillment.OrderFulfilled {
			notFulfilled = append(notFulfilled, string(s))
			if s != fulfillment.OrderPartiallyFulfilled {
				unshipped = append(unshipped, string(s))
			}
		}
	}
	values := map[string][]string{"unshipped": unshipped, "partial": {string(fulfillment.OrderPartiallyFulfilled)},
		"shipped": {string(fulfillment.OrderFulfilled)}}
	for _, choice := range choices {
		values[choice] = []string{strings.ToUpper(choice)}
	}
	values["unfulfilled"] = notFulfilled
	return SearchField{Name: "fulfillment_status", Kind: SearchChoice, Choices: append(
		choices, "unshipped", "partial", "shipped",
	),
		Description: "how far the order is shipped: unfulfilled means not all of it, unshipped nothing of it",
		column:      "{}display_fulfillment_status", exists: "{}display_fulfillment_status <> ''", values: values}
}

func idField(name, gidType, column, description string) SearchField {
	return SearchField{
		Name: name, Kind: SearchID, Type: gidType, Description: description, column: "{}" + column,
		exists: "{}" + column + " <> 0",
	}
}

func boolField(column, description string) SearchField {
	choices := []string{"true", "false"}
	return SearchField{Name: column, Kind: SearchChoice, Description: description, Choices: choices,
		column: "{}" + column + "::text", exists: "true", domain: choices}
}

// ownText is a text in a column of the object's own.
func ownText(name, column, description string) SearchField {
	return SearchField{
		Name: name, Kind: SearchText, Description: description, column: "lower({}" + column + ")", match: "%s",
		exists: "{}" + column + " <> ''",
	}
}

func timeField(column, description string) SearchField {
	return SearchField{
		Name: column, Kind: SearchTime, Description: description, column: "{}" + column,
		exists: "{}" + column + " IS NOT NULL",
	}
}

// columnOfAll is a column whose values are all known, and checked by the table.
func columnOfAll[T ~string](column, description string, all []T) SearchField {
	choices := make([]string, len(all))
	for i, v := range all {
		choices[i] = string(v)
	}
	return SearchField{Name: column, Kind: SearchChoice, Description: description, Choices: choices,
		column: "{}" + column, exists: "true", domain: choices}
}
