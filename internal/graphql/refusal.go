package graphql

import (
	"context"
	"errors"

	"github.com/99designs/gqlgen/graphql"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
	"packhorse/internal/graphql/admin"
	"packhorse/internal/refusal"
)

// refusalsIn tells refusals, which go into userErrors, from what ends the field: an error of the request as a whole.
func refusalsIn(err error) ([]*fulfillment.Error, error) {
	refusals := fulfillment.AsRefusals(err)
	if refusals == nil {
		return nil, err
	}
	short := make([]*fulfillment.Error, len(refusals))
	for i, refused := range refusals {
		if refusal.Of(refused.Code).EndsField {
			return nil, err
		}
		short[i] = refused.Short()
	}
	return short, nil
}

// accepted tells whether an operation did what it was asked for. If it was refused, the payload's user errors say why;
// else they are empty, not null. The error ends the field.
func accepted[E coded[C], C errorCode](userErrors *[]*E, err error) (bool, error) {
	refusals, err := refusalsIn(err)
	*userErrors = make([]*E, len(refusals))
	for i, refused := range refusals {
		(*userErrors)[i] = &E{Code: code[C](refused), Field: refused.Field, Message: refused.Message}
	}
	return err == nil && len(refusals) == 0, err
}

// acceptedPlain is accepted for user errors that have no code.
func acceptedPlain(userErrors *[]*admin.UserError, err error) (bool, error) {
	refusals, err := refusalsIn(err)
	*userErrors = make([]*admin.UserError, len(refusals))
	for i, refused := range refusals {
		(*userErrors)[i] = &admin.UserError{Field: refused.Field, Message: refused.Message}
	}
	return err == nil && len(refusals) == 0, err
}

// coded is any payload's type of user errors that have a code, as gqlgen makes it.
type coded[C errorCode] interface {
	~struct {
		Code    *C       `json:"code,omitempty"`
		Field   []string `json:"field,omitempty"`
		Message string   `json:"message"`
	}
}

// errorCode is an enum of codes.
type errorCode interface {
	~string
	IsValid() bool
}

// code is the refusal's code in the payload's enum; null if that has none for it.
func code[C errorCode](refused *fulfillment.Error) *C {
	for _, text := range refusal.Of(refused.Code).UserError {
		if c := C(text); c.IsValid() {
			return &c
		}
	}
	return nil
}

// notThere makes a top-level error of the refusal of a fulfillment order that does not exist, in mutations whose user
// errors have no code for that.
func notThere(err error, gid string) error {
	if refused, ok := fulfillment.AsError(err); ok && refused.Code == fulfillment.CodeNotFound {
		return admin.InvalidID(gid)
	}
	return err
}

// mayAsk denies a field for which the app has none of the scopes that any use of it needs, before its arguments are
// looked at.
func mayAsk(ctx context.Context) error {
	if denied := caller(ctx).MayCall(graphql.GetFieldContext(ctx).Field.Name); denied != nil {
		return denied
	}
	return nil
}

// named names the field that was asked in a denial: one operation may have several fields, such as fulfillmentCreateV2.
func named(ctx context.Context, err error) error {
	denied, ok := errors.AsType[*access.Denied](err)
	if !ok {
		return err
	}
	of := *denied
	of.Operation = graphql.GetFieldContext(ctx).Field.Name
	return &of
}
