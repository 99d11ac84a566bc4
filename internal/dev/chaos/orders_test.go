package chaos

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"packhorse/internal/fulfillment"
)

func TestCatalogue(t *testing.T) {
	t.Parallel()
	recorded := filepath.Join(t.TempDir(), "orders.ndjson")
	const lines = `{"id":"0123456789","status":"shipped","purchased_at":"2016-09-04 21:15:19","customer":{"city":"boa vista","state":"RR","zip":"69309"},"items":[{"product_id":"p1234567890","seller_id":"s1","quantity":2,"price":"39.99"}]}
{"id":"without items","status":"canceled","purchased_at":"2016-09-13 15:24:19","items":[]}
`
	if err := os.WriteFile(recorded, []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	s := &shop{locations: []fulfillment.Location{{ID: 1}, {ID: 2}}}
	for name, path := range map[string]string{
		"recorded": recorded, "examples": filepath.Join("..", "..", "..", "examples"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := openCatalogue(path)
			if err != nil {
				t.Fatal(err)
			}
			if name == "recorded" && len(c.orders) != 1 {
				t.Errorf("%d orders, want the one with items", len(c.orders))
			}
			rng := rand.New(rand.NewPCG(1, 1))
			names := map[string]bool{}
			for range 3 * len(c.orders) {
				order := c.take(rng, s, time.Now())
				order.ID = 1 // As an actor gives it.
				if err := order.Complete(time.Now()); err != nil {
					t.Errorf("%s can't be handed in: %v", order.Name, err)
				}
				if names[order.Name] {
					t.Errorf("%s is there twice", order.Name)
				}
				names[order.Name] = true
			}
		})
	}
	empty := t.TempDir()
	for _, path := range []string{empty, filepath.Join(empty, "none")} {
		if _, err := openCatalogue(path); err == nil {
			t.Errorf("%s is a catalogue", path)
		}
	}
}
