package graphql

import (
	"packhorse/internal/fulfillment"
	"packhorse/internal/graphql/admin"
	"packhorse/internal/refusal"
)

// split tells a refusal, which goes into userErrors, from what ends the field: an error of the request as a whole.
func split(err error) (*fulfillment.Error, error) {
	refused, ok := fulfillment.AsError(err)
	if !ok || refusal.Of(refused.Code).EndsField {
		return nil, err
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

// code is the refusal's code in the API's enum; null if that has none for it.
func code[T interface {
	~string
	IsValid() bool
}](e *fulfillment.Error) *T {
	for _, text := range refusal.Of(e.Code).UserError {
		if c := T(text); c.IsValid() {
			return &c
		}
	}
	return nil
}
