package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"packhorse/internal/seal"
)

// secretsKeys is the setting of the keys that secrets of apps are sealed with.
const secretsKeys = "PACKHORSE_SECRETS_KEYS"

// keysOfSecrets are those of our environment, else those of earlier runs, which alone open what these have sealed, else
// a new one.
func (s *stack) keysOfSecrets() (string, error) {
	if set := os.Getenv(secretsKeys); set != "" {
		return set, nil
	}
	if s.fresh {
		return seal.NewKey(), nil
	}
	file := filepath.Join(s.folder, "secrets-keys")
	kept, err := os.ReadFile(file)
	if err == nil && len(strings.TrimSpace(string(kept))) > 0 {
		return strings.TrimSpace(string(kept)), nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read the kept key of secrets: %w", err)
	}
	key := seal.NewKey()
	if err := os.WriteFile(file, []byte(key+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("keep the key of secrets: %w", err)
	}
	return key, nil
}
