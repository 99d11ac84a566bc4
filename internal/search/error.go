package search

import "fmt"

// Error says what is wrong with a query, and where.
type Error struct {
	At      int    // the characters before the place
	Message string // what is wrong there and what is allowed, a sentence for the one who wrote the query
}

// Error names the place by the number of its character, counted from 1.
func (e *Error) Error() string {
	return fmt.Sprintf("Search query, character %d: %s", e.At+1, e.Message)
}

// Errorf makes an error about the place that has so many characters before it.
func Errorf(at int, format string, args ...any) *Error {
	return &Error{At: at, Message: fmt.Sprintf(format, args...)}
}

// Extensions is the extensions object of the error in an answer of the API.
func (*Error) Extensions() map[string]any { return map[string]any{"code": "BAD_REQUEST"} }
