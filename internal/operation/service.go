package operation

import (
	"context"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
)

// Services is what apps do with fulfillment services of their own, and operators with theirs. Store is needed, and
// Commands to delete.
type Services struct {
	// Store is what has been committed: a *postgres.Store.
	Store interface {
		AddService(ctx context.Context, s fulfillment.Service) (fulfillment.Service, error)
		UpdateService(ctx context.Context, u fulfillment.ServiceUpdate) (fulfillment.Service, error)
	}
	// Commands gives commands to the workflows of deletions: a *[Commands].
	Commands interface {
		DeleteService(ctx context.Context, cmd temporalio.DeleteService) error
	}
	// Calls is who calls services at their callback URLs: a *[Commands]. Nil: whoever does looks for himself.
	Calls interface {
		ServiceChanged(ctx context.Context, id fulfillment.ID)
	}
	// Changed is called when an app got a service, or lost one: who the app is must be looked up anew. Nil: nobody has
	// looked it up.
	Changed func()
}

// Create gives the caller's app a service, and returns it as it is stored; an operator's belongs to the app that it
// names, or to none. Without a provider, a person or the app itself runs it. Asked for again under the same idempotency
// key, it is the same service.
func (o Services) Create(ctx context.Context, service fulfillment.Service) (fulfillment.Service, error) {
	if err := mayCall(ctx, serviceCreate); err != nil {
		return fulfillment.Service{}, err
	}
	if by := caller(ctx); by.As == nil {
		service.AppID = by.App.ID
	}
	if key, ok := KeyFrom(ctx); ok {
		service.ID, service.LocationID = key.ID("fulfillment-service"), key.ID("location")
	}
	added, err := o.Store.AddService(ctx, service)
	if err != nil {
		return fulfillment.Service{}, err
	}
	o.changed()
	o.call(ctx, added)
	return added, nil
}

// Update changes a service of the caller's app, or for an operator anyone's.
func (o Services) Update(ctx context.Context, update fulfillment.ServiceUpdate) error {
	if err := owns(ctx, serviceUpdate, update.ID); err != nil {
		return err
	}
	updated, err := o.Store.UpdateService(ctx, update)
	if err == nil {
		o.call(ctx, updated)
	}
	return err
}

// call has the service called, if it can be.
func (o Services) call(ctx context.Context, service fulfillment.Service) {
	if o.Calls != nil && service.CallbackURL != "" && service.AppID != 0 {
		o.Calls.ServiceChanged(ctx, service.ID)
	}
}

// Delete deletes a service of the caller's app. What waits there goes to the destination, if there is one and the
// caller may move all of it. A destination that the caller neither sees nor may move anything to does not exist.
func (o Services) Delete(ctx context.Context, deletion fulfillment.ServiceDeletion) error {
	if err := owns(ctx, serviceDelete, deletion.ID); err != nil {
		return err
	}
	by := caller(ctx)
	there := fulfillment.AssignedLocation{ServiceID: deletion.ID}
	deletion.CommandID = CommandID(ctx, "")
	mayName := by.MaySee("Location", by.To(0)) || by.MayCallAt(names[fulfillment.VerbMove], there) == nil
	if deletion.DestinationLocationID != 0 && !mayName {
		deletion.DestinationLocationID = -1
	}
	err := o.Commands.DeleteService(
		ctx, temporalio.DeleteService{ServiceDeletion: deletion, App: by.App, Services: by.Services},
	)
	refused, ok := fulfillment.AsError(err)
	if ok && refused.Code == fulfillment.CodeServiceInUse && !by.MayRead(there) {
		return deletion.CheckUnused(1, nil)
	}
	if err != nil {
		return err
	}
	o.changed()
	return nil
}

func (o Services) changed() {
	if o.Changed != nil {
		o.Changed()
	}
}

// owns refuses what is asked of somebody else's service: it is not found, like one that does not exist.
func owns(ctx context.Context, name string, id fulfillment.ID) error {
	if err := mayCall(ctx, name); err != nil {
		return err
	}
	if by := caller(ctx); by.As == nil && !by.Owns(id) { // Operators change everybody's.
		return fulfillment.ServiceNotFound()
	}
	return nil
}
