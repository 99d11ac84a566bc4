package seal_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"packhorse/internal/seal"
)

const purpose = "app-secret/17"

func keys(t *testing.T, text ...string) seal.Keys {
	t.Helper()
	parsed, err := seal.ParseKeys(strings.Join(text, ","))
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func TestSealedOpensForItsPurposeOnly(t *testing.T) {
	t.Parallel()
	k := keys(t, seal.NewKey())
	sealed, err := k.Seal(purpose, "phss_secret")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(sealed), "secret") {
		t.Errorf("%q shows the secret", sealed)
	}
	if got, err := k.Open(purpose, sealed); err != nil || got != "phss_secret" {
		t.Errorf("opened %q, %v", got, err)
	}
	if got, err := k.Open("app-secret/18", sealed); err == nil {
		t.Errorf("opened for another app: %q", got)
	}
	again, err := k.Seal(purpose, "phss_secret")
	if err != nil || string(again) == string(sealed) {
		t.Errorf("sealed twice, the same: %v", err)
	}
	for i := range sealed {
		changed := append([]byte{}, sealed...)
		changed[i] ^= 1
		if got, err := k.Open(purpose, changed); err == nil {
			t.Errorf("opened with byte %d changed: %q", i, got)
		}
		if got, err := k.Open(purpose, sealed[:i]); err == nil {
			t.Errorf("opened the first %d bytes: %q", i, got)
		}
	}
}

// The first key seals, all of them open: so a key is replaced by putting another one before it.
func TestKeysAreReplaced(t *testing.T) {
	t.Parallel()
	former, latter := seal.NewKey(), seal.NewKey()
	sealed, err := keys(t, former).Seal(purpose, "s")
	if err != nil {
		t.Fatal(err)
	}
	both := keys(t, latter, former)
	if got, err := both.Open(purpose, sealed); err != nil || got != "s" || both.IsCurrent(sealed) {
		t.Errorf("opened %q, %v; sealed with the first key: %v", got, err, both.IsCurrent(sealed))
	}
	resealed, err := both.Seal(purpose, "s")
	if err != nil || !both.IsCurrent(resealed) {
		t.Errorf("sealed again: %v", err)
	}
	if _, err := keys(t, former).Open(purpose, resealed); !errors.Is(err, seal.ErrUnknownKey) {
		t.Errorf("opened with the former key: %v", err)
	}
	var none seal.Keys
	if _, err := none.Open(purpose, sealed); !errors.Is(err, seal.ErrNoKeys) {
		t.Errorf("opened without a key: %v", err)
	}
	if _, err := none.Seal(purpose, "s"); !errors.Is(err, seal.ErrNoKeys) {
		t.Errorf("sealed without a key: %v", err)
	}
}

func TestParseKeysRefuses(t *testing.T) {
	t.Parallel()
	good := seal.NewKey()
	for text, want := range map[string]string{
		"":                   "key 1 is not 32 bytes",
		"c2hvcnQ=":           "key 1 is not 32 bytes",
		good + ",":           "key 2 is not 32 bytes",
		good + "," + good:    "key 2 is key 1 again",
		"not base64, at all": "key 1 is not 32 bytes",
	} {
		_, err := seal.ParseKeys(text)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), good) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestKeysAreNotPrinted(t *testing.T) {
	t.Parallel()
	text := seal.NewKey()
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		if said := fmt.Sprintf(format, keys(t, text)); said != "[1 keys]" {
			t.Errorf("%s prints %s", format, said)
		}
	}
}
