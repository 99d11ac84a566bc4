package watch

import (
	"context"
	"time"

	"packhorse/internal/news"
)

const (
	silenceEvery = 5 * time.Minute // between looks for parcels of which nothing is heard
	silentAtOnce = 200             // of one look; the others have their turn in the next
)

// HearNothing has people told of parcels that are under way and of which nothing was heard for [Config.Silence], each
// silence once, and returns how many these are. Of those of which nothing was heard for a month more nobody is told:
// they have been silent before anybody looked, or people know.
func (w *Watch) HearNothing(ctx context.Context, now time.Time) (int, error) {
	if w.Silence <= 0 {
		return 0, nil
	}
	since := now.Add(-w.Silence)
	silent, err := w.Store.SilentParcels(ctx, since, since.Add(-news.Retention+24*time.Hour), silentAtOnce)
	if err != nil {
		return 0, err
	}
	told := make([]news.Item, len(silent))
	for i, s := range silent {
		told[i] = s.Item(now)
	}
	return len(told), w.Store.KeepNews(ctx, told)
}

// lookForSilence does so now and then.
func (w *Watch) lookForSilence(ctx context.Context) error {
	if !w.silence.IsZero() && w.Clock().Sub(w.silence).Abs() < silenceEvery {
		return nil
	}
	now, err := w.Store.Now(ctx)
	if err != nil {
		return err
	}
	if _, err := w.HearNothing(ctx, now); err != nil {
		return err
	}
	w.silence = w.Clock()
	return nil
}
