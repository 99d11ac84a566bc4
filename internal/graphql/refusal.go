package graphql

import (
	"github.com/vektah/gqlparser/v2/gqlerror"

	"packhorse/internal/fulfillment"
	"packhorse/internal/graphql/admin"
)

// Codes of top-level errors that root fields make.
const (
	codeUnavailable = "SERVICE_UNAVAILABLE" // sent again, the same request may succeed
	codeMismatch    = "IDEMPOTENCY_KEY_PARAMETER_MISMATCH"
)

// unavailable says nothing of what stands in the way: that is for the log.
const unavailable = "There is no answer at this moment. What was asked may still be carried out: send the same again, with an idempotency key to be sure that it happens once."

// split tells a refusal, which goes into userErrors, from what ends the field: an error of the request as a whole.
func split(err error) (*fulfillment.Error, error) {
	refused, ok := fulfillment.AsError(err)
	switch {
	case err == nil || !ok:
		return nil, err
	case refused.Retryable():
		return nil, &gqlerror.Error{Message: unavailable, Extensions: map[string]any{"code": codeUnavailable}}
	case refused.Code == fulfillment.CodeIdempotencyConflict:
		return nil, &gqlerror.Error{Message: refused.Message, Extensions: map[string]any{"code": codeMismatch}}
	}
	return refused, nil
}

// unknown is the top-level error for a fulfillment order that is not there, in mutations whose user errors have no code
// for that.
func unknown(refused *fulfillment.Error, gid string) error {
	if refused != nil && refused.Code == fulfillment.CodeNotFound {
		return admin.InvalidID(gid)
	}
	return nil
}

// plain are user errors without a code.
func plain(list ...*fulfillment.Error) []*admin.UserError {
	userErrors := []*admin.UserError{}
	for _, e := range list {
		if e != nil {
			userErrors = append(userErrors, &admin.UserError{Field: e.Field, Message: e.Message})
		}
	}
	return userErrors
}

// code is the refusal's code if the API's enum has it; else null.
func code[T interface {
	~string
	IsValid() bool
}](e *fulfillment.Error) *T {
	c := T(e.Code)
	if !c.IsValid() {
		return nil
	}
	return &c
}
