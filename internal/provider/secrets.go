package provider

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"packhorse/internal/fulfillment"
)

// Secrets gives what a secret's name stands for: options of services have names, never the secrets themselves. It is
// read at each call, so that a secret can be changed while workers run. It may be several values, one a line, while one
// is replaced by another: see [Secrets.All]. An error says what to set, and has no part of a value. It is retryable:
// nothing was sent, and what waits for the secret goes on when it is there. That of what is no name is permanent.
type Secrets func(name string) (string, error)

// secretVariable is what the environment variables of secrets begin with; the name follows.
const secretVariable = "PACKHORSE_SECRET_"

// longestSecret bounds a secret, in bytes: a chain of certificates fits in it well.
const longestSecret = 64 << 10

// NamedSecrets are the secrets of a deployment: the file of the name in the folder, without line ends at its end; else
// the environment variable PACKHORSE_SECRET_<name>. folder is PACKHORSE_PROVIDER_SECRETS; empty: there is none.
func NamedSecrets(folder string) Secrets {
	return func(name string) (string, error) {
		if err := CheckSecretName(name); err != nil {
			return "", err
		}
		place, text := "the environment variable "+secretVariable+name, os.Getenv(secretVariable+name)
		if folder != "" {
			switch inFile, err := readSecret(filepath.Join(folder, name)); {
			case err == nil:
				place, text = "the file "+name+" in the folder PACKHORSE_PROVIDER_SECRETS", inFile
			case !errors.Is(err, fs.ErrNotExist):
				return "", secretError("The secret %s can't be read from the folder PACKHORSE_PROVIDER_SECRETS: %s.",
					name, reason(err))
			}
		}
		text = strings.TrimRight(text, "\r\n")
		switch {
		case text == "":
			return "", secretError("The secret %s is not set: write it into the file %[1]s of the folder "+
				"PACKHORSE_PROVIDER_SECRETS, or into the environment variable %s%[1]s.", name, secretVariable)
		case len(text) > longestSecret:
			return "", secretError("The secret %s in %s has more than %d bytes.", name, place, longestSecret)
		case !utf8.ValidString(text) || strings.ContainsRune(text, 0):
			return "", secretError("The secret %s in %s is no text of UTF-8.", name, place)
		}
		return text, nil
	}
}

// All are the values of a secret, one a line, without blanks around them: what it is, and after it those of before that
// still count. There is at least one.
func (s Secrets) All(name string) ([]string, error) {
	if s == nil {
		s = NamedSecrets("")
	}
	text, err := s(name)
	if err != nil {
		return nil, err
	}
	var values []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			values = append(values, line)
		}
	}
	if len(values) == 0 {
		return nil, secretError("The secret %s is blank.", name)
	}
	return values, nil
}

// First is what a secret is, the first one of [Secrets.All]: what is sent, and signed with.
func (s Secrets) First(name string) (string, error) {
	values, err := s.All(name)
	if err != nil {
		return "", err
	}
	return values[0], nil
}

// CheckSecretName says what is wrong with the name of a secret, if anything is. It doesn't repeat it: somebody may have
// given the secret in its place.
func CheckSecretName(name string) error {
	if fulfillment.IsSecretName(name) {
		return nil
	}
	return &Error{Class: Permanent, Message: fmt.Sprintf(
		"The name of a secret takes capital letters, digits and '_', begins with a letter, and has at most %d of "+
			"them, such as WAREHOUSE_KEY (it has %d): options have the name, never the secret itself.",
		fulfillment.MaxSecretName, utf8.RuneCountInString(name))}
}

func readSecret(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, longestSecret+3)) // Longer ones are refused, line end or not.
	return string(text), err
}

// reason is an error of the file system without the path.
func reason(err error) string {
	var of *fs.PathError
	if errors.As(err, &of) {
		return of.Err.Error()
	}
	return err.Error()
}

// secretError is of a secret that is not there, or that can't be read, until somebody sets it.
func secretError(format string, args ...any) error {
	return &Error{Class: Retryable, Message: fmt.Sprintf(format, args...)}
}
