package admin

import (
	"context"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/graphql"

	"packhorse/internal/fulfillment"
)

// DefaultNamespace is the first part of global IDs when no other is set.
const DefaultNamespace = "shopify"

// ManualServiceID stands for the built-in fulfillment service of the merchant's own locations, which the store doesn't
// have. Its global ID has the word "manual" in place of a number.
const ManualServiceID fulfillment.ID = -1

// GID is a global ID: the type of an object with its number. Its text is gid://<namespace>/<Type>/<number>; the
// namespace is that of the request, see [WithNamespace].
type GID struct {
	Type string
	// ID is zero when the number is too large for any object of Packhorse: then there is no such object.
	ID fulfillment.ID
}

// CodeNotFound is the extensions.code of errors about IDs that name nothing, or nothing of the type that was asked for.
const CodeNotFound = "RESOURCE_NOT_FOUND"

// ErrInvalidID says that a text is no global ID, or not one of the type that was asked for.
var ErrInvalidID error = &answerError{message: "Invalid id", code: CodeNotFound}

// InvalidID is [ErrInvalidID] with the text.
func InvalidID(text string) error {
	return &answerError{message: "Invalid id: " + fulfillment.ClipMessage(text), code: CodeNotFound, kind: ErrInvalidID}
}

// answerError is an error whose text and code are the API's own.
type answerError struct {
	message, code string
	kind          error // what it is one of; nil: itself
}

// Error is the message.
func (e *answerError) Error() string { return e.message }

// Unwrap is what it is one of.
func (e *answerError) Unwrap() error { return e.kind }

// Extensions is the extensions object of the error in an answer.
func (e *answerError) Extensions() map[string]any { return map[string]any{"code": e.code} }

// ParseGID reads a global ID of any type and any namespace; a query after the number, such as "?id=true", is allowed
// and ignored. What is malformed, zero or a plain number is refused with an error that wraps [ErrInvalidID]. A number
// that is too large is no error: there is just nothing with it.
func ParseGID(text string) (GID, error) { return parseGID(text, false) }

func parseGID(text string, zero bool) (GID, error) {
	invalid := InvalidID(text)
	rest, ok := strings.CutPrefix(text, "gid://")
	if !ok {
		return GID{}, invalid
	}
	rest, _, _ = strings.Cut(rest, "?")
	parts := strings.Split(rest, "/")
	if len(parts) == 3 && parts[1] == TypeFulfillmentService && parts[2] == fulfillment.ManualHandle {
		return GID{Type: TypeFulfillmentService, ID: ManualServiceID}, nil
	}
	if len(parts) != 3 || parts[0] == "" || !letters(parts[1]) || !digits(parts[2]) {
		return GID{}, invalid
	}
	n, err := strconv.ParseInt(parts[2], 10, 64)
	if errors.Is(err, strconv.ErrRange) {
		return GID{Type: parts[1]}, nil
	}
	if err != nil || n == 0 && !zero {
		return GID{}, invalid
	}
	return GID{Type: parts[1], ID: fulfillment.ID(n)}, nil
}

// ParseGIDOf is [ParseGID] for an object of one of these types: another type is refused, too. It returns the number
// alone, zero for one that no object can have.
func ParseGIDOf(text string, types ...string) (fulfillment.ID, error) {
	gid, err := ParseGID(text)
	if err != nil {
		return 0, err
	}
	if !slices.Contains(types, gid.Type) {
		return 0, InvalidID(text)
	}
	return gid.ID, nil
}

// ParseGIDOrZero is [ParseGIDOf] where the number 0 is not malformed: there is just nothing with it.
func ParseGIDOrZero(text string, typeName string) (fulfillment.ID, error) {
	gid, err := parseGID(text, true)
	if err == nil && gid.Type != typeName {
		err = InvalidID(text)
	}
	return gid.ID, err
}

// ParseGIDs is [ParseGIDOf] for each of several texts.
func ParseGIDs(texts []string, types ...string) ([]fulfillment.ID, error) {
	if texts == nil { // It was left out, which may say something else than a list of nothing.
		return nil, nil
	}
	ids := make([]fulfillment.ID, len(texts))
	for i, text := range texts {
		var err error
		if ids[i], err = ParseGIDOf(text, types...); err != nil {
			return nil, err
		}
	}
	return ids, nil
}

func letters(text string) bool {
	for _, r := range text {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') {
			return false
		}
	}
	return text != ""
}

func digits(text string) bool {
	for _, r := range text {
		if r < '0' || r > '9' {
			return false
		}
	}
	return text != ""
}

// Text is the global ID in a namespace. Fulfillment services have "?id=true" after the number, as in Shopify's API.
func (g GID) Text(namespace string) string {
	text := "gid://" + namespace + "/" + g.Type + "/"
	switch {
	case g.Type != TypeFulfillmentService:
		return text + g.ID.String()
	case g.ID == ManualServiceID:
		return text + fulfillment.ManualHandle + "?id=true"
	default:
		return text + g.ID.String() + "?id=true"
	}
}

// MarshalGQLContext writes the text in the namespace of the request.
func (g GID) MarshalGQLContext(ctx context.Context, w io.Writer) error {
	graphql.MarshalID(g.Text(Namespace(ctx))).MarshalGQL(w)
	return nil
}

// UnmarshalGQLContext reads any global ID.
func (g *GID) UnmarshalGQLContext(_ context.Context, v any) error {
	text, err := graphql.UnmarshalID(v)
	if err == nil {
		*g, err = ParseGID(text)
	}
	return err
}

type namespaceKey struct{}

// WithNamespace sets the first part of the global IDs of a request.
func WithNamespace(ctx context.Context, namespace string) context.Context {
	return context.WithValue(ctx, namespaceKey{}, namespace)
}

// Namespace is the first part of the global IDs of the request; [DefaultNamespace] when it was not set.
func Namespace(ctx context.Context) string {
	if namespace, ok := ctx.Value(namespaceKey{}).(string); ok && namespace != "" {
		return namespace
	}
	return DefaultNamespace
}

// The types of objects that have global IDs.
const (
	TypeApp                             = "App"
	TypeAppInstallation                 = "AppInstallation"
	TypeCalculatedLineItem              = "CalculatedLineItem"
	TypeCalculatedOrder                 = "CalculatedOrder"
	TypeExchangeLineItem                = "ExchangeLineItem"
	TypeRestockingFee                   = "RestockingFee"
	TypeReturn                          = "Return"
	TypeReturnLineItem                  = "ReturnLineItem"
	TypeReturnReasonDefinition          = "ReturnReasonDefinition"
	TypeReturnShippingFee               = "ReturnShippingFee"
	TypeReturnableFulfillment           = "ReturnableFulfillment"
	TypeReverseDelivery                 = "ReverseDelivery"
	TypeReverseDeliveryLineItem         = "ReverseDeliveryLineItem"
	TypeReverseDisposition              = "ReverseFulfillmentOrderDisposition"
	TypeReverseFulfillmentOrder         = "ReverseFulfillmentOrder"
	TypeReverseFulfillmentOrderLineItem = "ReverseFulfillmentOrderLineItem"
	TypeDeliveryMethod                  = "DeliveryMethod"
	TypeFulfillment                     = "Fulfillment"
	TypeFulfillmentEvent                = "FulfillmentEvent"
	TypeFulfillmentHold                 = "FulfillmentHold"
	TypeFulfillmentLineItem             = "FulfillmentLineItem"
	TypeFulfillmentOrder                = "FulfillmentOrder"
	TypeFulfillmentOrderDestination     = "FulfillmentOrderDestination"
	TypeFulfillmentOrderLineItem        = "FulfillmentOrderLineItem"
	TypeFulfillmentOrderMerchantRequest = "FulfillmentOrderMerchantRequest"
	TypeFulfillmentService              = "FulfillmentService"
	TypeInventoryItem                   = "InventoryItem"
	TypeJob                             = "Job"
	TypeLineItem                        = "LineItem"
	TypeLocation                        = "Location"
	TypeMailingAddress                  = "MailingAddress"
	TypeOrder                           = "Order"
	TypeOrderTransaction                = "OrderTransaction"
	TypeProduct                         = "Product"
	TypeProductVariant                  = "ProductVariant"
	TypeShop                            = "Shop"
	TypeWebhookSubscription             = "WebhookSubscription"
)
