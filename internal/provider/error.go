package provider

import (
	"errors"
	"time"
)

// Class says what an error means for the next attempt.
type Class string

// The classes.
const (
	Retryable      Class = "RETRYABLE"       // try again: the system is busy or away
	Permanent      Class = "PERMANENT"       // the same call never succeeds: a person must look
	UnknownOutcome Class = "UNKNOWN_OUTCOME" // it may have happened: look up before trying again
)

// Error is a call that got no answer.
type Error struct {
	Class      Class
	RetryAfter time.Duration // the earliest next attempt, from now, as the system asked for; 0: it said nothing
	Message    string        // for people; no personal data, no secrets
	Cause      error         // nil: there is none
}

// Error is the message and its cause.
func (e *Error) Error() string {
	switch {
	case e.Cause == nil:
		return e.Message
	case e.Message == "":
		return e.Cause.Error()
	default:
		return e.Message + ": " + e.Cause.Error()
	}
}

// Unwrap is the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Classify is the class of an error that a Provider returned. An error that says none of itself, such as a deadline
// that passed after the call was sent, leaves the outcome unknown. nil has no class.
func Classify(err error) Class {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) && e.Class != "" {
		return e.Class
	}
	return UnknownOutcome
}

// RetryAfter is how long the error asks to wait before the next attempt; 0: it says nothing.
func RetryAfter(err error) time.Duration {
	var e *Error
	if errors.As(err, &e) {
		return e.RetryAfter
	}
	return 0
}
