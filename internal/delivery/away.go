package delivery

// AwayError says that nothing was sent, because what it takes to send could not be read. It is nobody's failure, and is
// waited for.
type AwayError struct{ Err error }

// Error is that of what could not be read.
func (e *AwayError) Error() string { return e.Err.Error() }

// Unwrap is what could not be read.
func (e *AwayError) Unwrap() error { return e.Err }
