package operation

import (
	"context"
	"strings"
	"testing"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
)

// places keeps what it was given last, of services.
type places struct {
	service  fulfillment.Service
	update   fulfillment.ServiceUpdate
	deletion temporalio.DeleteService
	changed  int
	refuse   error
}

func (p *places) AddService(_ context.Context, s fulfillment.Service) (fulfillment.Service, error) {
	p.service = s
	return s, p.refuse
}

func (p *places) UpdateService(_ context.Context, u fulfillment.ServiceUpdate) (fulfillment.Service, error) {
	p.update = u
	return fulfillment.Service{}, p.refuse
}

func (p *places) DeleteService(_ context.Context, cmd temporalio.DeleteService) error {
	p.deletion = cmd
	return p.refuse
}

func TestServices(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		do      func(context.Context, Services) error
		key     bool
		check   func(*places) bool
		changed int  // how often it was told that an app has other services
		foreign bool // it is about somebody else's service
	}{
		"create": {
			do: func(
				ctx context.Context, o Services,
			) error {
				_, err := o.Create(ctx, fulfillment.Service{Name: "A"})
				return err
			},
			check: func(p *places) bool {
				return p.service.AppID == 5 && p.service.Provider == ""
			},
			changed: 1,
		},
		"create_under_a_key": {
			do: func(
				ctx context.Context, o Services,
			) error {
				_, err := o.Create(ctx, fulfillment.Service{})
				return err
			},
			key: true, changed: 1,
			check: func(p *places) bool { return p.service.ID != 0 && p.service.LocationID != 0 },
		},
		"update": {
			do: func(
				ctx context.Context, o Services,
			) error {
				return o.Update(ctx, fulfillment.ServiceUpdate{ID: 9})
			},
			check: func(p *places) bool { return p.update.ID == 9 },
		},
		"update_of_somebody_else's": {
			do: func(
				ctx context.Context, o Services,
			) error {
				return o.Update(ctx, fulfillment.ServiceUpdate{ID: 8})
			},
			foreign: true,
		},
		"delete": {
			do: func(
				ctx context.Context, o Services,
			) error {
				return o.Delete(ctx, fulfillment.ServiceDeletion{ID: 9})
			},
			key: true, changed: 1,
			check: func(p *places) bool {
				d := p.deletion
				return d.ID == 9 && d.App.ID == 5 && len(d.Services) == 1 && d.CommandID == "5/k/delete"
			},
		},
		"delete_of_somebody_else's": {
			do: func(
				ctx context.Context, o Services,
			) error {
				return o.Delete(ctx, fulfillment.ServiceDeletion{ID: 8})
			},
			foreign: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := &places{}
			o := Services{Store: p, Commands: p, Changed: func() { p.changed++ }}
			ctx := as(t, access.WriteFulfillments)
			if test.key {
				ctx = WithKey(ctx, Key{App: 5, Name: "k", Field: "delete"})
			}
			err := test.do(ctx, o)
			if test.foreign {
				if codeOf(err) != fulfillment.CodeServiceNotFound {
					t.Errorf("got %v", err)
				}
			} else if err != nil || !test.check(p) {
				t.Errorf("got %+v, %v", p, err)
			}
			if p.changed != test.changed {
				t.Errorf("told %d times of other services, want %d", p.changed, test.changed)
			}
			if err := test.do(as(t, access.ReadFulfillments), o); !isDenied(err) {
				t.Errorf("without the scope: %v", err)
			}
			p.refuse = &fulfillment.Error{Code: fulfillment.CodeTaken}
			if err := test.do(ctx, o); !test.foreign && codeOf(err) != fulfillment.CodeTaken ||
				p.changed != test.changed {
				t.Errorf("refused, it said %v, and told of other services", err)
			}
		})
	}
}

// An operator's service belongs to no app, and has the provider that it was given.
func TestServicesOfAnOperator(t *testing.T) {
	t.Parallel()
	p := &places{}
	ctx := access.WithCaller(t.Context(), access.Trusted(fulfillment.Actor{Role: fulfillment.RoleOperator}))
	_, err := Services{Store: p}.Create(ctx, fulfillment.Service{Name: "A", Provider: "simulated"})
	if err != nil || p.service.AppID != 0 || p.service.Provider != "simulated" {
		t.Errorf("got %+v, %v", p.service, err)
	}
}

// A deletion tells neither which locations there are, nor which fulfillment orders, to an app that sees neither.
func TestDeleteServiceTellsNothing(t *testing.T) {
	t.Parallel()
	inUse := fulfillment.ServiceDeletion{}.CheckUnused(2, []fulfillment.ID{71, 72})
	for name, test := range map[string]struct {
		scopes []access.Scope
		to     fulfillment.ID
		names  bool
	}{
		"without_more_scopes":           {nil, -1, false},
		"who_sees_locations":            {[]access.Scope{access.ReadLocations}, 4, false},
		"who_may_move_what_is_there":    {[]access.Scope{access.WriteThirdParty}, 4, true},
		"who_sees_fulfillment_orders":   {[]access.Scope{access.ReadAssigned}, -1, true},
		"who_sees_those_of_others_only": {[]access.Scope{access.ReadMerchantManaged}, -1, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := &places{refuse: inUse}
			err := Services{Store: p, Commands: p}.Delete(
				as(t, append(test.scopes, access.WriteFulfillments)...),
				fulfillment.ServiceDeletion{ID: 9, DestinationLocationID: 4},
			)
			if p.deletion.DestinationLocationID != test.to {
				t.Errorf("the destination is %d, want %d", p.deletion.DestinationLocationID, test.to)
			}
			if named := strings.Contains(err.Error(), "71"); named != test.names || codeOf(err) != inUse.Code {
				t.Errorf("it says %v, want names %t", err, test.names)
			}
		})
	}
}
