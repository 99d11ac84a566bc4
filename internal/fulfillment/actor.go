package fulfillment

// Role is what an Actor is to a fulfillment order.
type Role string

// The roles.
const (
	RoleOperator Role = "OPERATOR" // runs Packhorse: may do what the merchant may and what any service may
	RoleMerchant Role = "MERCHANT" // owns the orders: requests, holds, moves, splits, cancels; ships from own locations
	RoleService  Role = "SERVICE"  // runs a location: accepts, rejects, ships, closes what is assigned to it
	RoleSystem   Role = "SYSTEM"   // Packhorse itself: timers and providers' answers
)

var roles = []Role{RoleOperator, RoleMerchant, RoleService, RoleSystem}

// Actor is who asks for a command. The zero value is an operator without a name: whoever can reach Temporal directly
// runs the system.
type Actor struct {
	Role      Role   `json:"role,omitempty"`
	App       string `json:"app,omitempty"`       // handle of the app; holds belong to it
	Name      string `json:"name,omitempty"`      // shown to people; not personal data: a desk, a program, a job
	ServiceID ID     `json:"serviceId,omitempty"` // the service that the app owns; a RoleMerchant with one acts for both
}

// System is the actor of timers and of Packhorse's own follow-ups.
var System = Actor{Role: RoleSystem, App: "packhorse", Name: "Packhorse"}

// String is how the actor is shown to people.
func (a Actor) String() string {
	for _, s := range []string{a.Name, a.App, string(a.Role)} {
		if s != "" {
			return s
		}
	}
	return string(RoleOperator)
}

func (a Actor) role() Role {
	if a.Role == "" {
		return RoleOperator
	}
	return a.Role
}

// runs tells whether the actor acts for the fulfillment service of this location (or, at a merchant's location, for
// the merchant). An app can be both: the merchant's order management, and the service that ships.
func (a Actor) runs(l AssignedLocation) bool {
	switch a.role() {
	case RoleOperator, RoleSystem:
		return true
	case RoleService:
		return l.ServiceID != 0 && l.ServiceID == a.ServiceID
	default:
		return l.ServiceID == 0 || l.ServiceID == a.ServiceID
	}
}

// sees tells whether the fulfillment order is the actor's business at all.
func (a Actor) sees(l AssignedLocation) bool {
	return a.role() != RoleService || a.runs(l)
}
