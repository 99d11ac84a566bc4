package watch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"packhorse/internal/postgres"
)

// markSchedule is where Temporal keeps how far the database has come: the note of a schedule that is paused and never
// does anything. What restores the database does not reach it.
const markSchedule = "packhorse-database"

// markEvery is how often the mark is moved on while something is written: so much may be lost without being seen at
// once, when somebody loads an older state into a server that goes on running.
const markEvery = 5 * time.Second

// feedMargin is how many positions the feed may have come further than the last mark says: while Temporal was away, it
// could not be moved on.
const feedMargin = 1_000_000

// mark is the note, for people as well.
type mark struct {
	What     string    `json:"what"`
	Database string    `json:"database"`
	Mark     int64     `json:"mark"`
	MarkedAt time.Time `json:"markedAt"`
	SetBacks int64     `json:"setBacks"`
	Server   string    `json:"server,omitempty"`
	Feed     int64     `json:"feed,omitempty"` // the newest position of the feed
	// LostSince is since when things may be lost by the last set-back, and ListedAt when all of them were listed: the
	// next one may lose the list. Missing: there was none, and it is not complete.
	LostSince *time.Time `json:"lostSince,omitempty"`
	ListedAt  *time.Time `json:"listedAt,omitempty"`
}

const markMeans = "How far Packhorse's database had come. Leave it paused, and as it is: it tells when the database " +
	"was set back."

// kept reads the mark that Temporal has; nil: none.
func (w *Watch) kept(ctx context.Context) (*mark, error) {
	described, err := w.Temporal.ScheduleClient().GetHandle(ctx, markSchedule).Describe(ctx)
	if errors.As(err, new(*serviceerror.NotFound)) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the mark of the database that Temporal keeps: %w", err)
	}
	var m mark
	if described.Schedule.State == nil || json.Unmarshal([]byte(described.Schedule.State.Note), &m) != nil ||
		m.Database == "" {
		return nil, nil // Somebody has written over it.
	}
	return &m, nil
}

// keep has Temporal keep a mark.
func (w *Watch) keep(ctx context.Context, m mark) error {
	m.What = markMeans
	note, err := json.Marshal(m)
	if err != nil {
		return err
	}
	schedules := w.Temporal.ScheduleClient()
	err = schedules.GetHandle(ctx, markSchedule).Update(ctx, client.ScheduleUpdateOptions{
		DoUpdate: func(in client.ScheduleUpdateInput) (*client.ScheduleUpdate, error) {
			s := in.Description.Schedule
			s.State = &client.ScheduleState{Note: string(note), Paused: true}
			return &client.ScheduleUpdate{Schedule: &s}, nil
		},
	})
	if errors.As(err, new(*serviceerror.NotFound)) {
		_, err = schedules.Create(ctx, client.ScheduleOptions{
			ID: markSchedule, Paused: true, Note: string(note),
			Action: &client.ScheduleWorkflowAction{
				ID: markSchedule, Workflow: "none", TaskQueue: markSchedule, WorkflowExecutionTimeout: time.Minute,
			},
		})
	}
	if err != nil {
		return fmt.Errorf("have Temporal keep the mark of the database: %w", err)
	}
	return nil
}

// Compare finds out whether the database was set back to an older state since Temporal heard of it last, and sees to it
// that every workflow goes on from what it has then. Else it moves the mark on. It must not be called concurrently, and
// does nothing while another watch is at work.
func (w *Watch) Compare(ctx context.Context) error {
	mine, err := w.mine(ctx)
	if err != nil || !mine {
		return err
	}
	kept, err := w.kept(ctx)
	if err != nil {
		return err
	}
	here, err := w.Store.Mark(ctx)
	if err != nil {
		return err
	}
	if kept != nil && here.Database != "" && here.Database != kept.Database {
		return fmt.Errorf("the database is another one than that of this Temporal namespace: its mark is of %s, and "+
			"Temporal's of %s. Nothing is compared. If that is meant, delete the schedule %s", here.Database,
			kept.Database, markSchedule)
	}
	if why, certain := setBack(kept, here); why != "" {
		if err := w.found(ctx, kept, &here, why, certain); err != nil {
			return err
		}
	}
	if here.Open == 0 {
		return w.moveOn(ctx, kept, here)
	}
	defer w.moveOnMeanwhile(ctx)()
	return w.recover(ctx, here.Open)
}

// moveOnMeanwhile moves the mark on until end is called, as long as the database is not set back again: what is lost
// while the workflows go on from what they lost before is to be found, too.
func (w *Watch) moveOnMeanwhile(ctx context.Context) (end func()) {
	ctx, cancel := context.WithCancel(ctx)
	var group sync.WaitGroup
	group.Go(func() {
		tick := time.NewTicker(min(w.Interval, markEvery))
		defer tick.Stop()
		for {
			if again, err := w.moveOnAgain(ctx); again && err == nil {
				return
			}
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	})
	return func() {
		cancel()
		group.Wait()
	}
}

// moveOnAgain moves the mark on, unless the database was or may have been set back.
func (w *Watch) moveOnAgain(ctx context.Context) (again bool, err error) {
	kept, err := w.kept(ctx)
	if err != nil {
		return false, err
	}
	here, err := w.Store.Mark(ctx)
	if err != nil {
		return false, err
	}
	if why, _ := setBack(kept, here); why != "" {
		return true, nil
	}
	return false, w.moveOn(ctx, kept, here)
}

// setBack says why the database was or may have been set back; empty: it was not.
func setBack(kept *mark, here postgres.Mark) (why string, certain bool) {
	switch {
	case kept == nil:
		return "", false
	case here.Database == "":
		return "It has no mark, and had one: it is from before it had, or new.", true
	case here.Mark < kept.Mark:
		return fmt.Sprintf("It has mark %d, and %d was reached at %s.", here.Mark, kept.Mark,
			kept.MarkedAt.UTC().Format(time.RFC3339)), true
	case here.Feed < kept.Feed:
		return fmt.Sprintf("The feed has come to position %d, and %d was reached at %s.", here.Feed, kept.Feed,
			kept.MarkedAt.UTC().Format(time.RFC3339)), true
	case here.Server != "" && kept.Server != "" && here.Server != kept.Server:
		return "Its server was started or is another one: it may have lost its last commits.", false
	}
	return "", false
}

// Compared says why it is not known yet whether the server of the database was set back to an older state since
// Temporal heard of it last: this watch, or another one, has not compared them since it was started. Nil: it is known,
// or can't be. The server is named by the time of its start. A watch that runs then compares them at once. It may be
// called concurrently.
func (w *Watch) Compared(ctx context.Context, server string) error {
	kept, err := w.kept(ctx)
	if err != nil {
		return err
	}
	here, err := w.Store.Mark(ctx)
	if err != nil {
		return err
	}
	if here.Server != "" && !strings.HasPrefix(here.Server, server+" ") {
		return fmt.Errorf("the database's server was started again, after %s", server)
	}
	if kept != nil && here.Database != "" && here.Database != kept.Database {
		return nil // Nothing is compared.
	}
	if why, _ := setBack(kept, here); why != "" {
		select {
		case w.asked <- struct{}{}:
		default:
		}
		return fmt.Errorf("it is not known yet whether the database was set back to an older state. %s", why)
	}
	return nil
}

// found notes a set-back, in the database and then in Temporal.
func (w *Watch) found(ctx context.Context, kept *mark, here *postgres.Mark, why string, certain bool) error {
	found := postgres.SetBackFound{Number: max(kept.SetBacks, here.SetBacks) + 1, Why: why}
	if here.Database != "" {
		found.LostSince = new(kept.lostSince(here.MarkedAt))
	}
	here.Database, here.Mark, here.SetBacks = kept.Database, max(kept.Mark, here.Mark)+1, found.Number
	if certain { // Readers have heard of more than what was reached when the mark was moved on.
		here.Feed = max(kept.Feed, here.Feed) + feedMargin
	}
	if err := w.Store.FindSetBack(ctx, *here, found); err != nil {
		return err
	}
	here.Open, here.MarkedAt = found.Number, time.Now()
	if certain {
		w.Metrics.SetBack()
		w.Logger.ErrorContext(ctx, "The database was set back to an older state. Every workflow goes on from what it "+
			"has; packhorse audit lists what was lost.",
			"number", found.Number, "why", why, "lostSince", found.LostSince)
	} else {
		w.Logger.InfoContext(ctx, "Looking whether the database has everything that workflows have committed.",
			"number", found.Number, "why", why)
	}
	next := markOf(*here)
	next.LostSince = new(time.Unix(0, 0).UTC()) // Everything.
	if found.LostSince != nil {
		*next.LostSince = found.LostSince.UTC()
	}
	return w.keep(ctx, next)
}

// lostSince is since when things may be lost, or the list of what an earlier set-back had lost, by a set-back to what
// the database was at this moment.
func (m *mark) lostSince(markedAt time.Time) time.Time {
	listed := m.ListedAt != nil && m.ListedAt.Before(markedAt)
	if m.LostSince == nil || listed || m.LostSince.After(markedAt) {
		return markedAt
	}
	return *m.LostSince
}

func markOf(m postgres.Mark) mark {
	return mark{
		Database: m.Database, Mark: m.Mark, MarkedAt: m.MarkedAt.UTC(), SetBacks: m.SetBacks, Server: m.Server,
		Feed: m.Feed,
	}
}

// moveOn moves the mark on, if anything was written since, first in the database.
func (w *Watch) moveOn(ctx context.Context, kept *mark, here postgres.Mark) error {
	if kept != nil && kept.Mark == here.Mark && kept.Server == here.Server && here.Next == w.marked {
		return nil
	}
	if here.Database == "" {
		here.Database = uuid.NewString()
	}
	here.Mark++
	if err := w.Store.SetMark(ctx, here); err != nil {
		return err
	}
	here.MarkedAt = time.Now()
	next := markOf(here)
	if kept != nil && kept.LostSince != nil {
		next.LostSince, next.ListedAt = kept.LostSince, here.SweptAt
	}
	if err := w.keep(ctx, next); err != nil {
		return err
	}
	w.marked = here.Next + 1 // The mark itself was written.
	return nil
}
