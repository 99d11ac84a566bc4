package main

import (
	"fmt"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"packhorse/internal/postgres"
)

// sealedKey is how many secrets are sealed with a key, as it is answered to programs.
type sealedKey struct {
	Key     string `json:"key"`   // its ID: the beginning of its SHA-256
	Place   int    `json:"place"` // among those that are set, from 1; 0: it is not set
	Secrets int    `json:"secrets"`
}

func (a *app) newSecrets() *cobra.Command {
	return group("secrets", "What secrets are sealed with", `The secrets of apps are sealed with the first of the keys in PACKHORSE_SECRETS_KEYS, and opened with any of them.`,
		&cobra.Command{
			Use: "reseal", Short: "Seal all secrets anew, with the first key", Args: cobra.NoArgs,
			Long: `Seals every secret anew that was not sealed with the first of the keys in PACKHORSE_SECRETS_KEYS, and tells how many
secrets there are under which key. A key under which there are none can be removed from the settings. Doing it again
changes nothing.

Keys are told by the beginning of their SHA-256, as openssl base64 -d <<<KEY | sha256sum shows it.`,
			Example: `  packhorse secrets reseal
  packhorse secrets reseal --output json | jq '.keys[] | select(.place == 0)'`,
			RunE: func(c *cobra.Command, _ []string) error {
				b, err := a.backend.book(c.Context())
				if err != nil {
					return err
				}
				done, err := b.Reseal(c.Context())
				if err != nil {
					return err
				}
				return a.writeSealed(done, b.SecretsKeys())
			},
		})
}

func (a *app) writeSealed(done postgres.Sealed, set []string) error {
	var keys []sealedKey
	for i, id := range set {
		keys = append(keys, sealedKey{id, i + 1, done.ByKey[id]})
	}
	missing := 0
	for _, id := range slices.Sorted(maps.Keys(done.ByKey)) {
		if !slices.Contains(set, id) {
			keys = append(keys, sealedKey{id, 0, done.ByKey[id]})
			missing += done.ByKey[id]
		}
	}
	if a.json() {
		if err := writeJSON(a.out, map[string]any{"resealed": done.Resealed, "keys": keys}); err != nil {
			return err
		}
	} else {
		fmt.Fprintf(a.out, "%s sealed anew\n\n", count(done.Resealed, "secret"))
		t := a.newTable("KEY", "PLACE", "SECRETS")
		for _, k := range keys {
			place := "not set"
			switch {
			case k.Place == 1:
				place = "1, seals"
			case k.Place > 1 && k.Secrets == 0:
				place = number(k.Place) + ", can be removed"
			case k.Place > 1:
				place = number(k.Place)
			}
			t.row(k.Key, place, number(k.Secrets))
		}
		if err := t.flush(); err != nil {
			return err
		}
	}
	if missing > 0 {
		return fmt.Errorf("%s sealed with a key that PACKHORSE_SECRETS_KEYS does not have: set it, or rotate them "+
			"(packhorse app secret rotate)", count(missing, "secret"))
	}
	return nil
}
