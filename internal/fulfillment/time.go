package fulfillment

import "time"

// The years that a time may be in: what is before or after them means nothing, and is no time that anybody gave.
const (
	firstYear = 1970
	lastYear  = 9000
)

// checkTime refuses a time that can't be written as JSON, or that nobody can have meant: as in an order, the years are
// 1970 to 9999. Nil is no time. Fields are named as in the command's JSON.
func checkTime(field string, t *time.Time) *Error {
	if t == nil {
		return nil
	}
	if year := t.UTC().Year(); year < 1970 || year > 9999 {
		return refusal(CodeInvalid, []string{field}, "%s must be in the years 1970 to 9999 (is in %d).", field, year)
	}
	return nil
}
