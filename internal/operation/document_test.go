package operation

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
	"packhorse/internal/paper"
)

// papers are documents, with who has printed them.
type papers struct {
	list    []*paper.Document
	printed []string
}

func (p *papers) Document(_ context.Context, id fulfillment.ID) (*paper.Document, error) {
	for _, d := range p.list {
		if d.ID == id {
			return d, nil
		}
	}
	return nil, fulfillment.ErrNotFound
}

func (p *papers) DocumentsWith(_ context.Context, sum string) (found []*paper.Document, _ error) {
	for _, d := range p.list {
		if d.SHA256 == sum {
			found = append(found, d)
		}
	}
	return found, nil
}

func (p *papers) PrintDocument(_ context.Context, id fulfillment.ID, who string) ([]byte, error) {
	p.printed = append(p.printed, id.String()+" "+who)
	return []byte("%PDF-" + id.String()), nil
}

// TestPrint: a document is handed out to who may see its fulfillment order, and that is noted; for others there is
// none, also when they name the content.
func TestPrint(t *testing.T) {
	t.Parallel()
	sum := strings.Repeat("ab", 32)
	soon := time.Now()
	const own, others = 9, 10 // services
	app := func(scopes ...access.Scope) access.Caller {
		return access.Caller{App: access.App{Handle: "shop", Scopes: scopes}, Services: []fulfillment.ID{own}}
	}
	operator := access.Trusted(fulfillment.Actor{Role: fulfillment.RoleOperator})
	for rule, c := range map[string]struct {
		by      access.Caller
		name    string
		printed string // "": not found
	}{
		"merchant_at_own_location":        {app(access.ReadMerchantManaged), "1", "1 app shop"},
		"merchant_at_a_service":           {app(access.ReadMerchantManaged), "2", ""},
		"service_at_its_own":              {app(access.ReadAssigned), "2", "2 app shop"},
		"service_at_another":              {app(access.ReadAssigned), "3", ""},
		"with_an_eye_on_all_services":     {app(access.ReadThirdParty), "3", "3 app shop"},
		"reads_orders_alone":              {app(access.ReadOrders), "1", ""},
		"no_scope":                        {app(), "1", ""},
		"operator":                        {operator, "3", "3 operator"},
		"by_the_content":                  {operator, sum, "3 operator"},
		"by_the_content_in_capitals":      {operator, strings.ToUpper(sum), "3 operator"},
		"by_the_content_of_what_it_sees":  {app(access.ReadAssigned), sum, "2 app shop"},
		"by_the_content_of_what_it_can't": {app(access.ReadOrders), sum, ""},
		"unknown":                         {operator, "404", ""},
		"no_name_of_one":                  {operator, "../1", ""},
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			store := &papers{list: []*paper.Document{
				{ID: 3, ServiceID: others, SHA256: sum}, {ID: 2, ServiceID: own, SHA256: sum}, {ID: 1, SHA256: "11"},
			}}
			d, content, err := Documents{store}.Print(access.WithCaller(t.Context(), c.by), c.name)
			if c.printed == "" {
				if !errors.Is(err, fulfillment.ErrNotFound) || content != nil || len(store.printed) > 0 {
					t.Errorf("%q was handed out (%v), to %v", content, err, store.printed)
				}
				return
			}
			if err != nil || !slices.Equal(store.printed, []string{c.printed}) || string(content) != "%PDF-"+d.ID.String() {
				t.Errorf("%q was handed out (%v), to %v", content, err, store.printed)
			}
		})
	}
	for rule, c := range map[string]struct {
		document paper.Document
		says     string
		waiting  bool
	}{
		"waits":       {paper.Document{NextAt: &soon}, "has not been fetched yet. Try again", true},
		"tried_again": {paper.Document{NextAt: &soon, Problem: "down"}, "not been fetched yet: down. It is tried again", true},
		"given_up":    {paper.Document{Problem: "gone"}, "could not be fetched: gone", false},
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			c.document.ID = 1
			store := &papers{list: []*paper.Document{&c.document}}
			d, _, err := Documents{store}.Print(access.WithCaller(t.Context(), operator), "1")
			if err == nil || !strings.Contains(err.Error(), c.says) || IsWaiting(d, err) != c.waiting {
				t.Errorf("it says %v, waiting: %v", err, IsWaiting(d, err))
			}
		})
	}
}
