package devstack

import (
	"context"
	"errors"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

func TestInsist(t *testing.T) {
	t.Parallel()
	notYet, refused := errors.New("not yet"), errors.New("refused")
	isRefused := func(err error) bool { return errors.Is(err, refused) }
	answers := func(all ...error) func(context.Context) error {
		return func(context.Context) error {
			next := all[0]
			all = all[min(1, len(all)-1):]
			return next
		}
	}
	hangs := func(ctx context.Context) error {
		<-ctx.Done()
		return ctx.Err()
	}
	for name, test := range map[string]struct {
		script   string
		patience time.Duration
		ask      func(context.Context) error
		want     func(error) bool
	}{
		"succeeds_after_errors": {"exec sleep 600", time.Minute, answers(notYet, notYet, nil),
			func(err error) bool { return err == nil }},
		"gives_up_at_what_no_repetition_makes_better": {"exec sleep 600", time.Minute, answers(notYet, refused),
			func(err error) bool { return err == refused }},
		"gives_up_when_there_are_only_errors": {"exec sleep 600", 100 * time.Millisecond, answers(notYet),
			func(err error) bool { return errors.As(err, new(*UnresponsiveError)) && errors.Is(err, notYet) }},
		"gives_up_when_there_is_no_answer": {"exec sleep 600", 100 * time.Millisecond, hangs,
			func(err error) bool { return errors.As(err, new(*UnresponsiveError)) }},
		"gives_up_when_the_process_dies": {"exit 1", time.Minute, answers(notYet),
			func(err error) bool { return errors.As(err, new(*ProcessError)) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := start(t, shell(test.script))
			if err := p.insist(t.Context(), test.patience, isRefused, test.ask); !test.want(err) {
				t.Errorf("got %T: %v", err, err)
			}
		})
	}
	t.Run("ends_with_its_context_and_blames_nobody", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		p := start(t, shell("exec sleep 600"))
		err := p.insist(ctx, time.Minute, isRefused, hangs)
		if !errors.Is(err, context.DeadlineExceeded) || errors.As(err, new(*UnresponsiveError)) {
			t.Errorf("got %T: %v", err, err)
		}
	})
}

func TestIsForGood(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err  error
		want bool
	}{
		"no_answer":             {syscall.ECONNREFUSED, false},
		"template_in_use":       {&pgconn.PgError{Code: "55006"}, false},
		"starting_up":           {&pgconn.PgError{Code: "57P03"}, false},
		"too_many_connections":  {&pgconn.PgError{Code: "53300"}, false},
		"no_such_template":      {&pgconn.PgError{Code: "3D000"}, true},
		"no_right_to_make_any":  {&pgconn.PgError{Code: "42501"}, true},
		"somebody_makes_it_too": {&pgconn.PgError{Code: "23505"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := isForGood(test.err); got != test.want {
				t.Errorf("isForGood(%v) = %v", test.err, got)
			}
		})
	}
}
