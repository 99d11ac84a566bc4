package devstack

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

const (
	// defaultPatience bounds how long a server that runs is asked for the same
	// thing. A crash recovery or a machine busy with a build takes seconds; a
	// minute means that something is wrong.
	defaultPatience = time.Minute
	// tryTimeout bounds one try of it. It is long, because a busy server that is
	// asked anew begins anew.
	tryTimeout = 10 * time.Second
)

// An UnresponsiveError says that a server runs, and that for a long time it
// answered nothing but errors, or nothing at all. Nothing better is to be
// expected of it: another one must be started.
type UnresponsiveError struct {
	// Name is the Command's name.
	Name string
	// Patience is how long it was asked.
	Patience time.Duration
	// Last is what came of the last try.
	Last error
}

func (e *UnresponsiveError) Error() string {
	return fmt.Sprintf("%s runs, and has not done what it was asked for in %v (last: %v)", e.Name, e.Patience, e.Last)
}

// Unwrap is what came of the last try.
func (e *UnresponsiveError) Unwrap() error { return e.Last }

// insist asks a running server for the same thing until it is done. What it
// asks for must be such that it can be done twice. It gives up at once when the
// error is final, when the process ends (a *ProcessError) or when the context
// does; when its patience is over, with an *UnresponsiveError.
func (p *Process) insist(
	ctx context.Context, patience time.Duration, final func(error) bool, ask func(context.Context) error,
) error {
	patient, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var last, refusal error
	err := p.Ready(patient, func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, tryTimeout)
		defer cancel()
		err := ask(ctx)
		if final(err) {
			refusal = err
			return nil
		}
		if last == nil || patient.Err() == nil { // A try that is cut short has less to say than the one before.
			last = err
		}
		return err
	})
	switch {
	case err == nil:
		return refusal
	case patient.Err() != nil && ctx.Err() == nil && !errors.As(err, new(*ProcessError)):
		return &UnresponsiveError{Name: p.command.Name, Patience: patience, Last: last}
	}
	return err
}

// never is for what no error makes impossible.
func never(error) bool { return false }

// Answers asks a URL such as http://127.0.0.1:9091/readyz whether it answers 200 OK, within two seconds.
func Answers(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", url, response.Status)
	}
	return nil
}
