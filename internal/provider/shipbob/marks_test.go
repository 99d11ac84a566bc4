package shipbob

import (
	"reflect"
	"sync"
	"testing"

	"github.com/pressly/goose/v3"

	"packhorse/internal/dev/devstack/devstacktest"
)

func TestMain(m *testing.M) { devstacktest.Main(m) }

// TestMarks: they are kept by order and kind, and may be made and taken away twice.
func TestMarks(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(*testing.T) marks{
		"memory": func(*testing.T) marks { return &memoryMarks{} },
		"postgres": func(t *testing.T) marks {
			kept, err := openMarks(t.Context(), devstacktest.Database(t, Migrate))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(kept.pool.Close)
			return kept
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kept := open(t)
			for range 2 {
				for _, err := range []error{
					kept.set(t.Context(), "fo-1-3", pending), kept.set(t.Context(), "fo-1-3", stopping),
					kept.set(t.Context(), "fo-2-3", stopping), kept.unset(t.Context(), "fo-2-3", stopping),
					kept.unset(t.Context(), "fo-9-9", pending),
				} {
					if err != nil {
						t.Fatal(err)
					}
				}
			}
			got, err := kept.of(t.Context(), []string{"fo-1-3", "fo-2-3", "fo-9-9"})
			if err != nil || !reflect.DeepEqual(got["fo-1-3"], []mark{pending, stopping}) || len(got["fo-2-3"]) != 0 {
				t.Errorf("%v, %v", got, err)
			}
			if age, err := kept.age(t.Context(), "fo-1-3", stopping); err != nil || age <= 0 {
				t.Errorf("it is %s old, %v", age, err)
			}
			if age, err := kept.age(t.Context(), "fo-2-3", stopping); err != nil || age != 0 {
				t.Errorf("what was taken away is %s old, %v", age, err)
			}
			if got, err := kept.of(t.Context(), nil); err != nil || len(got) != 0 {
				t.Errorf("of nothing: %v, %v", got, err)
			}
		})
	}
}

func TestMigrateDownAndUp(t *testing.T) {
	t.Parallel()
	url := devstacktest.Database(t)
	var group sync.WaitGroup
	for range 4 { // Processes that start at the same time.
		group.Go(func() {
			if err := Migrate(t.Context(), url); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	down := func(p *goose.Provider) error { _, err := p.DownTo(t.Context(), 0); return err }
	if err := migrate(t.Context(), url, down); err != nil {
		t.Fatal(err)
	}
	if err := Migrate(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	kept, err := openMarks(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer kept.pool.Close()
	if err := kept.set(t.Context(), "fo-1-3", pending); err != nil {
		t.Error(err)
	}
}
