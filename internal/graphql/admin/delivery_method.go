package admin

import (
	"time"

	"packhorse/internal/fulfillment"
)

// DeliveryMethod is how the units of a fulfillment order reach the customer. Its number is the fulfillment order's.
// What customers were promised is not known here, and so null.
type DeliveryMethod struct{ State *fulfillment.FulfillmentOrder }

// IsNode says that [Loaders.Node] finds it.
func (*DeliveryMethod) IsNode() {}

// ID is its global ID.
func (m *DeliveryMethod) ID() GID { return GID{TypeDeliveryMethod, m.State.ID} }

// MethodType is how the units reach the customer.
func (m *DeliveryMethod) MethodType() fulfillment.DeliveryMethodType { return m.State.DeliveryMethod }

// AdditionalInformation is null.
func (*DeliveryMethod) AdditionalInformation() *DeliveryMethodAdditionalInformation { return nil }

// BrandedPromise is null.
func (*DeliveryMethod) BrandedPromise() *DeliveryBrandedPromise { return nil }

// MinDeliveryDateTime is null.
func (*DeliveryMethod) MinDeliveryDateTime() *time.Time { return nil }

// MaxDeliveryDateTime is null.
func (*DeliveryMethod) MaxDeliveryDateTime() *time.Time { return nil }

// PresentedName is null.
func (*DeliveryMethod) PresentedName() *string { return nil }

// ServiceCode is null.
func (*DeliveryMethod) ServiceCode() *string { return nil }

// SourceReference is null.
func (*DeliveryMethod) SourceReference() *string { return nil }
