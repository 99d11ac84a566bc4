package postgres

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/fulfillment"
	"packhorse/internal/search"
)

// shelf is a table to be searched.
type shelf struct {
	*book
	table   string
	compile func(search.Expr) (Search, error)
	ids     []fulfillment.ID // of its rows, in order
}

// find is the places of the rows that a query selects. It gives the table an alias, as lists do.
func (s shelf) find(t interface{ Fatal(...any) }, e search.Expr) []int {
	condition, err := s.compile(e)
	if err != nil {
		t.Fatal(e, err)
	}
	c := conditions{args: []any{int64(0)}} // Another condition has an argument before.
	condition.of("x").add(&c)
	rows, err := s.pool.Query(
		s.t.Context(),
		"SELECT x.id FROM "+s.table+" x CROSS JOIN (SELECT 1 AS id) y WHERE x.id > $1"+c.sql+" ORDER BY x.id",
		c.args...,
	)
	if err != nil {
		t.Fatal(e, err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[fulfillment.ID])
	if err != nil {
		t.Fatal(e, c.sql, err)
	}
	places := []int{}
	for _, id := range ids {
		places = append(places, slices.Index(s.ids, id))
	}
	return places
}

func (s shelf) exec(sql string, args ...any) {
	s.t.Helper()
	if _, err := s.pool.Exec(s.t.Context(), sql, args...); err != nil {
		s.t.Fatal(err)
	}
}

// shelves are eight fulfillment orders of four orders, and four locations. Every row differs.
func shelves(t testing.TB) (fulfillmentOrders, orders, locations shelf) {
	b := newBook(t)
	fulfillmentOrders = shelf{book: b, table: "fulfillment_orders", compile: FulfillmentOrderSearch}
	orders = shelf{book: b, table: "orders", compile: OrderSearch}
	locations = shelf{book: b, table: "locations", compile: LocationSearch}
	for i := range 4 {
		o, fos := b.create(merchant, service)
		orders.ids = append(orders.ids, o.ID)
		name := []string{"#1001", "1002", "#1010", "EU-7 Überseekoffer"}[i]
		orders.exec(`UPDATE orders SET name = $2, display_fulfillment_status = $3, email = $4, tags = $5, created_at =
			$6,
			updated_at = $7, processed_at = $8, cancelled_at = $9, test = $10, closed_at = $11,
			return_status = $12 WHERE id = $1`, o.ID, name,
			[]string{"UNFULFILLED", "PARTIALLY_FULFILLED", "FULFILLED", "ON_HOLD"}[i],
			[]string{"ada@example.com", "Bob@Example.com", "", "1001"}[i],
			[][]string{{"VIP", "a,b"}, {"vip two"}, {}, {"two"}}[i],
			searchStart.AddDate(0, 0, i), searchStart.Add(time.Duration(i)*700*time.Millisecond),
			[]*time.Time{nil, &searchStart, &searchStart, nil}[i], []*time.Time{nil, nil, nil, &searchStart}[i], i == 2,
			[]*time.Time{nil, nil, &searchStart, &searchStart}[i],
			[]string{"NO_RETURN", "IN_PROGRESS", "RETURNED", "NO_RETURN"}[i])
		for _, fo := range fos {
			n := len(fulfillmentOrders.ids)
			fulfillmentOrders.ids = append(fulfillmentOrders.ids, fo.ID)
			at := searchStart.Add(time.Duration(n) * 20 * time.Minute)
			fulfillmentOrders.exec(`UPDATE fulfillment_orders SET status = $2, request_status = $3, order_name = $4,
				created_at = $5,
				updated_at = $6, fulfill_at = $7, fulfill_by = $8 WHERE id = $1`, fo.ID,
				fulfillment.Statuses[n%len(fulfillment.Statuses)], fulfillment.RequestStatuses[n], name,
				searchStart.AddDate(0, 0, n/2), searchStart.Add(time.Duration(n)*700*time.Millisecond),
				[]*time.Time{&at, nil}[n%2], []*time.Time{nil, nil, &at}[n%3])
		}
	}
	for i, name := range []string{"Berlin", "Bern", "Ship Co", "50% off_ice"} {
		l, err := b.AddLocation(t.Context(), fulfillment.Location{
			Name: name, Active: i != 1, CountryCode: []string{"DE", "CH", "DE", "DE"}[i],
			Address1: []string{"Old street 1", "", "", ""}[i], Address2: []string{"", "2nd floor", "", ""}[i],
			City: []string{"Berlin", "Bern", "Hamburg", ""}[i], Zip: []string{"10115", "3000", "20095", ""}[i],
			ProvinceCode: []string{"", "BE", "", ""}[i],
		})
		if err != nil {
			t.Fatal(err)
		}
		locations.ids = append(locations.ids, l.ID)
	}
	return fulfillmentOrders, orders, locations
}

var searchStart = time.Date(2026, 3, 4, 23, 0, 0, 0, time.UTC)

func TestSearch(t *testing.T) {
	t.Parallel()
	fulfillmentOrders, orders, locations := shelves(t)
	type cases map[string][]int
	for _, test := range []struct {
		shelf
		cases
	}{
		{fulfillmentOrders, cases{
			"":                                      {0, 1, 2, 3, 4, 5, 6, 7},
			"*":                                     {0, 1, 2, 3, 4, 5, 6, 7},
			"-*":                                    {},
			"status:open":                           {1},
			"status:CANCELLED":                      {5},
			"status:closed,On_Hold":                 {2, 6},
			"status:scheduled OR status:closed":     {0, 6, 7},
			"-status:closed":                        {0, 1, 2, 3, 4, 5, 7},
			"-status:open,closed,scheduled":         {2, 3, 4, 5},
			"NOT (status:open OR status:closed)":    {0, 2, 3, 4, 5, 7},
			"status:*":                              {0, 1, 2, 3, 4, 5, 6, 7},
			"request_status:accepted":               {2},
			"-request_status:submitted":             {0, 2, 3, 4, 5, 6, 7},
			"id:{3}":                                {3},
			"id:gid://shopify/FulfillmentOrder/{3}": {3},
			`id:"gid://x/FulfillmentOrder/{3}?id=true"`: {3},
			"id:{3},{5},{5}":                {3, 5},
			"-id:{3}":                       {0, 1, 2, 4, 5, 6, 7},
			"id:>{3}":                       {4, 5, 6, 7},
			"id:>={3} id:<{5}":              {3, 4},
			"id:<={3} -id:{0},{1}":          {2, 3},
			"id:>0":                         {0, 1, 2, 3, 4, 5, 6, 7},
			"id:-1":                         {},
			"id:1234567890123456789012":     {},
			"id:1234567890123456789012,{1}": {1},
			"-id:1234567890123456789012":    {0, 1, 2, 3, 4, 5, 6, 7},
			"id:<1234567890123456789012":    {0, 1, 2, 3, 4, 5, 6, 7},
			"id:>=1234567890123456789012":   {},
			"id:>-1234567890123456789012":   {0, 1, 2, 3, 4, 5, 6, 7},
			"id:<=-1234567890123456789012":  {},
			"assigned_location_id:22":       {1, 3, 5, 7},
			"assigned_location_id:gid://shopify/Location/11 status:on_hold": {2},
			"assigned_location_id:11,22":                                    {0, 1, 2, 3, 4, 5, 6, 7},
			"order_id:[1]":                                                  {2, 3},
			"order_id:gid://shopify/Order/[1],[3]":                          {2, 3, 6, 7},
			"order_name:1001":                                               {0, 1},
			"order_name:10*":                                                {0, 1, 2, 3, 4, 5},
			"1002":                                                          {2, 3},
			"#1001":                                                         {0, 1},
			"#1002":                                                         {},
			"eu-7*":                                                         {6, 7},
			"created_at:2026-03-05":                                         {2, 3},
			"created_at:<=2026-03-05":                                       {0, 1, 2, 3},
			"created_at:<2026-03-05":                                        {0, 1},
			"created_at:>2026-03-05":                                        {4, 5, 6, 7},
			"created_at:>='2026-03-05'":                                     {2, 3, 4, 5, 6, 7},
			"created_at:2026-03-04,2026-03-07":                              {0, 1, 6, 7},
			"created_at:2026":                                               {0, 1, 2, 3, 4, 5, 6, 7},
			"created_at:<=2025":                                             {},
			"created_at:>2025":                                              {0, 1, 2, 3, 4, 5, 6, 7},
			"created_at:2026-03":                                            {0, 1, 2, 3, 4, 5, 6, 7},
			"created_at:>2026-03":                                           {},
			"created_at:<now":                                               {0, 1, 2, 3, 4, 5, 6, 7},
			"created_at:>=Now":                                              {},
			"created_at:now,2026-03-05":                                     {2, 3},
			"created_at:9999,0000":                                          {},
			"updated_at:>=2026-03-04T23:00:02Z":                             {3, 4, 5, 6, 7},
			"updated_at:2026-03-04T23:00:02Z":                               {3, 4},
			"updated_at:>2026-03-04T23:00:02Z":                              {5, 6, 7},
			"updated_at:<=2026-03-04T23:00:02Z":                             {0, 1, 2, 3, 4},
			"updated_at:>=2026-03-05T01:00:02+02:00":                        {3, 4, 5, 6, 7},
			"updated_at:>='2026-03-05 01:00:02 +02'":                        nil,
			"updated_at:'2026-03-04 23:00:02+0000'":                         {3, 4},
			"updated_at:>2026-03-04T23:00:02.1Z":                            {4, 5, 6, 7},
			"updated_at:2026-03-04T23:00:02.100":                            {3},
			"updated_at:2026-03-04T23:00":                                   {0, 1, 2, 3, 4, 5, 6, 7},
			"updated_at:<9999-12-31":                                        {0, 1, 2, 3, 4, 5, 6, 7},
			"updated_at:9999-12-31,0000-01-01":                              {},
			"fulfill_at:*":                                                  {0, 2, 4, 6},
			"-fulfill_at:*":                                                 {1, 3, 5, 7},
			"fulfill_at:>2026-03-04":                                        {4, 6},
			"-fulfill_at:>2026-03-04":                                       {0, 1, 2, 3, 5, 7},
			"-(fulfill_at:>2026-03-04 OR id:{1})":                           {0, 2, 3, 5, 7},
			"fulfill_by:2026-03-04T23:40:00Z":                               {2},
		}},
		{orders, cases{
			"id:[2]":                             {2},
			"id:gid://shopify/Order/[2]":         {2},
			"name:#1001":                         {0},
			"name:1001":                          {0},
			"name:1001,1002":                     {0, 1},
			"name:'  #1001\u00a0'":               {0},
			"name:' EU-7  über'*":                {3},
			"tag:' vip  two '":                   {1},
			"tag:'vip '*":                        {1},
			"tag:'vip'*":                         {0, 1},
			"name:10*,eu*":                       {0, 1, 2, 3},
			"name:'eu-7 übersee'*":               {3},
			"name:#*":                            {0, 2},
			"-name:10*":                          {3},
			"status:open":                        {0, 1},
			"status:not_closed":                  {0, 1},
			"status:closed":                      {2, 3},
			"-status:closed":                     {0, 1},
			"status:cancelled":                   {3},
			"-status:cancelled":                  {0, 1, 2},
			"status:any":                         {0, 1, 2, 3},
			"-status:any":                        {},
			"fulfillment_status:shipped":         {2},
			"fulfillment_status:FULFILLED":       {2},
			"fulfillment_status:partial":         {1},
			"fulfillment_status:unshipped":       {0, 3},
			"fulfillment_status:unfulfilled":     {0, 1, 3},
			"fulfillment_status:on_hold":         {3},
			"-fulfillment_status:on_hold":        {0, 1, 2},
			"fulfillment_status:partial,shipped": {1, 2},
			"email:bob@example.com":              {1},
			"email:*":                            {0, 1, 3},
			`email:""`:                           {2},
			"-email:a*":                          {1, 2, 3},
			"tag:vip":                            {0},
			"tag:vip*":                           {0, 1},
			`tag:"A,B"`:                          {0},
			"tag:two,'vip two'":                  {1, 3},
			"tag:*":                              {0, 1, 3},
			"-tag:*":                             {2},
			"test:true":                          {2},
			"test:False":                         {0, 1, 3},
			"-test:true":                         {0, 1, 3},
			"1001":                               {0, 3},
			"-1001":                              {1, 2},
			"ADA*":                               {0},
			"created_at:>=2026-03-05 created_at:<2026-03-07": {1, 2},
			"updated_at:<=2026-03-04T23:00:00Z":              {0, 1},
			"processed_at:2026-03-04":                        {1, 2},
			"-processed_at:2026-03-04":                       {0, 3},
			"tag:\x00":                                       {},
			"tag:\xff":                                       {},
			`"';--"`:                                         {},
		}},
		{locations, cases{
			"id:<2":                  {},
			"name:BERLIN":            {0},
			"ber*":                   {0, 1},
			"name:'50%'*":            {3},
			"name:'50% off-'*":       {},
			"name:'50__'*":           {},
			"active:true":            {0, 2, 3},
			"active:FALSE":           {1},
			"-active:true":           {1},
			"active:true,false":      {0, 1, 2, 3},
			"name:'ship co' OR bern": {1, 2},
			"location_id:<2":         {},
			"address1:'old street'*": {0},
			"address2:*":             {1},
			"city:bern":              {1},
			"-city:*":                {3},
			"zip:10*":                {0},
			"province:be":            {1},
			"country:de":             {0, 2, 3},
			"created_at:>2026-01-01": {0, 1, 2, 3},
			"created_at:<2026-01-01": {},
		}},
	} {
		for text, want := range test.cases {
			for i, id := range fulfillmentOrders.ids {
				text = strings.ReplaceAll(text, fmt.Sprintf("{%d}", i), id.String())
			}
			for i, id := range orders.ids {
				text = strings.ReplaceAll(text, fmt.Sprintf("[%d]", i), id.String())
			}
			e, err := search.Parse(text)
			if err != nil {
				t.Errorf("%s: %v", text, err)
				continue
			}
			if want == nil {
				if _, err := test.compile(e); err == nil {
					t.Errorf("%s by %s is accepted", test.table, text)
				}
			} else if got := test.find(t, e); !slices.Equal(got, want) {
				t.Errorf("%s by %s: %v, want %v", test.table, text, got, want)
			}
		}
	}
}

func TestSearchRefuses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct {
		character int
		says      string
	}{
		"id:1 colour:red": {
			6, `Fulfillment orders can't be searched by "colour", only by id, status, request_status,`,
		},
		"-colour:*":   {2, `"colour"`},
		"Status:open": {1, "status"},
		"status:open,done": {
			13,
			`"done" is no status: allowed are SCHEDULED, OPEN, ON_HOLD, IN_PROGRESS, INCOMPLETE, CANCELLED, CLOSED.`,
		},
		"-status:done":          {9, `"done" is no status`},
		"status:op*":            {8, "whole value"},
		"-status:op*":           {9, "whole value"},
		"status:>open":          {1, "can't be compared with >"},
		"order_name:<=5":        {1, "can't be compared with <="},
		"id:abc":                {4, "gid://shopify/FulfillmentOrder/1"},
		"id:1.5":                {4, "no ID"},
		`id:""`:                 {4, "no ID"},
		"id:5*":                 {4, "whole value"},
		"id:gid://x/Order/1":    {4, "takes that of a FulfillmentOrder"},
		"order_id:1,'#1001'":    {12, "no ID"},
		"updated_at:yesterday":  {12, `"yesterday" is no date: updated_at takes one such as 2026-01-31 or`},
		"updated_at:2026-02-30": {12, "no date"},
		"updated_at:2026*":      {12, "whole value"},
		"(a OR fulfill_by:>x)":  {19, "no date"},
	} {
		e, err := search.Parse(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		got, err := FulfillmentOrderSearch(e)
		var refused *search.Error
		if !errors.As(err, &refused) || got.sql != "" || refused.At+1 != want.character ||
			!strings.Contains(refused.Message, want.says) {
			t.Errorf("%s: %v, want character %d, %s", text, err, want.character, want.says)
		}
	}
	if got, err := OrderSearch(nil); err != nil || got.sql != "" {
		t.Errorf("no query: %+v, %v", got, err)
	}
}

// TestSearchSpecs: the docs are made from the table, so it must be whole.
func TestSearchSpecs(t *testing.T) {
	t.Parallel()
	for _, s := range SearchSpecs() {
		for _, f := range s.Fields {
			if f.Name == "" || f.Description == "" || f.exists == "" ||
				(f.Kind == SearchChoice) != (len(f.Choices) > 0) ||
				(f.Kind == SearchID) != (f.Type != "") || f.Kind == SearchText && f.match == "" ||
				f.match != "" && !strings.Contains(f.match, "%s") {
				t.Errorf("%s: %+v", s.Noun, f)
			}
		}
		for _, name := range s.Default {
			if f := s.field(name); f == nil || f.Kind != SearchText {
				t.Errorf("%s are searched for a text in %q: %+v", s.Noun, name, f)
			}
		}
	}
}

// Where there is an index for a field, a search must be able to use it.
func TestSearchHasIndexes(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	for text, index := range map[string]string{
		"status:closed":                    "fulfillment_orders_status_idx",
		"status:open":                      "fulfillment_orders_status_updated_idx",
		"status:open,on_hold":              "fulfillment_orders_status_updated_idx",
		"-status:closed":                   "fulfillment_orders_status_updated_idx",
		"status:open OR status:on_hold":    "fulfillment_orders_status_updated_idx",
		"request_status:submitted":         "fulfillment_orders_request_status_idx",
		"assigned_location_id:7":           "fulfillment_orders_location_idx",
		"order_id:7,8":                     "fulfillment_orders_order_idx",
		"updated_at:>2026-03-04":           "fulfillment_orders_updated_at_idx",
		"updated_at:2026-03-04,2026-03-06": "fulfillment_orders_updated_at_idx",
		"id:>7 id:<9":                      "fulfillment_orders_pkey",
		"id:7,8":                           "fulfillment_orders_pkey",
	} {
		e, err := search.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		condition, err := FulfillmentOrderSearch(e)
		if err != nil {
			t.Fatal(err)
		}
		var c conditions
		condition.add(&c)
		var plan []string
		if err := pgx.BeginFunc(t.Context(), b.pool, func(tx pgx.Tx) error {
			if _, err := tx.Exec(t.Context(), `SET LOCAL enable_seqscan = off`); err != nil {
				return err
			}
			rows, err := tx.Query(t.Context(), `EXPLAIN SELECT * FROM fulfillment_orders WHERE true`+c.sql, c.args...)
			if err == nil {
				plan, err = pgx.CollectRows(rows, pgx.RowTo[string])
			}
			return err
		}); err != nil {
			t.Fatal(text, err)
		}
		if all := strings.Join(plan, "\n"); !strings.Contains(all, index) || !strings.Contains(all, "Index Cond") {
			t.Errorf("%s is not read by %s:\n%s", text, index, all)
		}
	}
}
