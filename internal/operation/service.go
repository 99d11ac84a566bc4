package operation

import (
	"context"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
)

// Services is what apps do with fulfillment services of their own. All fields are needed.
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
	// Changed is called when an app got a service, or lost one: who the app is must be looked up anew.
	Changed func()
}

// Create gives the caller's app a service, which a person or the app itself runs, and returns its ID. Asked for again
// under the same idempotency key, it is the same service.
func (o Services) Create(ctx context.Context, service fulfillment.Service) (fulfillment.ID, error) {
	if err := mayCall(ctx, serviceCreate); err != nil {
		return 0, err
	}
	service.Provider, service.AppID = fulfillment.ManualProvider, caller(ctx).App.ID
	if key, ok := KeyFrom(ctx); ok {
		service.ID, service.LocationID = key.ID("fulfillment-service"), key.ID("location")
	}
	added, err := o.Store.AddService(ctx, service)
	if err != nil {
		return 0, err
	}
	o.Changed()
	return added.ID, nil
}

// Update changes a service of the caller's app.
func (o Services) Update(ctx context.Context, update fulfillment.ServiceUpdate) error {
	if err := owns(ctx, serviceUpdate, update.ID); err != nil {
		return err
	}
	_, err := o.Store.UpdateService(ctx, update)
	return err
}

// Delete deletes a service of the caller's app. What waits there goes to the destination, if there is one and the
// caller may move all of it.
func (o Services) Delete(ctx context.Context, deletion fulfillment.ServiceDeletion) error {
	if err := owns(ctx, serviceDelete, deletion.ID); err != nil {
		return err
	}
	by := caller(ctx)
	deletion.CommandID = CommandID(ctx, "")
	err := o.Commands.DeleteService(
		ctx, temporalio.DeleteService{ServiceDeletion: deletion, App: by.App, Services: by.Services},
	)
	if err != nil {
		return err
	}
	o.Changed()
	return nil
}

// owns refuses what is asked of somebody else's service: it is not found, like one that does not exist.
func owns(ctx context.Context, name string, id fulfillment.ID) error {
	if err := mayCall(ctx, name); err != nil {
		return err
	}
	if !caller(ctx).Owns(id) {
		return fulfillment.ServiceNotFound()
	}
	return nil
}
