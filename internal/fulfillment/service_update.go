package fulfillment

// ServiceUpdate changes a fulfillment service as Shopify's fulfillmentServiceUpdate does. What is nil stays as it is,
// but for RequiresShippingMethod.
type ServiceUpdate struct {
	ID                     ID
	Name                   *string // its location gets it, too, if it has had the service's name; the handle stays
	CallbackURL            *string // "": none
	TrackingSupport        *bool
	InventoryManagement    *bool
	RequiresShippingMethod *bool // nil: true, whatever it was
	// Options are all of its provider's for it, which that has taken; nil: as they are. What is called from now on goes
	// by them, also what was begun before.
	Options *map[string]any `json:",omitempty"`
}

// Apply is the service as the update makes it.
func (u ServiceUpdate) Apply(service Service) Service {
	if u.Name != nil {
		service.Name = *u.Name
	}
	if u.CallbackURL != nil {
		service.CallbackURL = *u.CallbackURL
	}
	if u.TrackingSupport != nil {
		service.TrackingSupport = *u.TrackingSupport
	}
	if u.InventoryManagement != nil {
		service.InventoryManagement = *u.InventoryManagement
	}
	if u.Options != nil {
		service.Options = *u.Options
	}
	required := u.RequiresShippingMethod == nil || *u.RequiresShippingMethod
	service.RequiresShippingMethod = &required
	return service
}

// Check is all that is wrong with the update of a service; nil: nothing is. Only what changes is judged. nameTaken says
// that another service has the new name, in any case, or its handle.
func (u ServiceUpdate) Check(before Service, nameTaken bool, callbacks CallbackRules) Refusals {
	after := u.Apply(before)
	var refusals Refusals
	if after.Name != before.Name {
		refusals = after.nameProblems(nameTaken)
	}
	if u.CallbackURL != nil {
		refusals = append(refusals, after.callbackProblems(callbacks)...)
	}
	if u.Options != nil {
		refusals = append(refusals, optionProblems(after.Options, false)...)
	}
	return refusals
}

// ServiceNotFound is the refusal of what is asked of a service that does not exist, or no more.
func ServiceNotFound() *Error {
	return refusal(CodeServiceNotFound, []string{"id"}, "Fulfillment service could not be found.")
}
