// Package seal keeps secrets where others may read: sealed with AES-256-GCM, under keys that are kept elsewhere.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

const (
	keyBytes    = 32
	idBytes     = 4
	sealVersion = 1 // the first byte of what is sealed; the key's ID follows, then the nonce and the ciphertext
)

var (
	// ErrNoKeys says that nothing can be sealed or opened here.
	ErrNoKeys = errors.New("no key is set to keep secrets with: set PACKHORSE_SECRETS_KEYS")
	// ErrUnknownKey says that the key is not among those that are set.
	ErrUnknownKey = errors.New("it was sealed with a key that PACKHORSE_SECRETS_KEYS does not have")
	errDamaged    = errors.New("it is damaged, or was sealed for something else")
)

// Keys are the keys: the first one seals, all of them open. The zero value has none. They are never printed.
type Keys struct{ ring []key }

type key struct {
	id   [idBytes]byte // of its hash: it tells keys apart, and nothing else
	aead cipher.AEAD
}

// NewKey makes a key of 256 random bits as [ParseKeys] reads it.
func NewKey() string {
	var secret [keyBytes]byte
	_, _ = rand.Read(secret[:]) // crypto/rand.Read never fails since Go 1.24.
	return base64.StdEncoding.EncodeToString(secret[:])
}

// ParseKeys reads keys with commas between them, each 32 bytes in base64. Space around one doesn't count. The error
// does not quote them.
func ParseKeys(text string) (Keys, error) {
	var keys Keys
	for part := range strings.SplitSeq(text, ",") {
		secret, err := base64.StdEncoding.DecodeString(strings.TrimSpace(part))
		if err != nil || len(secret) != keyBytes {
			return Keys{}, fmt.Errorf(
				"key %d is not %d bytes in base64, as openssl rand -base64 %d makes them", len(keys.ring)+1, keyBytes,
				keyBytes,
			)
		}
		k, err := newKey(secret)
		if err != nil {
			return Keys{}, err
		}
		for i := range keys.ring {
			if keys.ring[i].id == k.id {
				return Keys{}, fmt.Errorf("key %d is key %d again", len(keys.ring)+1, i+1)
			}
		}
		keys.ring = append(keys.ring, k)
	}
	return keys, nil
}

func newKey(secret []byte) (key, error) {
	block, err := aes.NewCipher(secret)
	if err != nil {
		return key{}, fmt.Errorf("use a key: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return key{}, fmt.Errorf("use a key: %w", err)
	}
	sum := sha256.Sum256(secret)
	return key{[idBytes]byte(sum[:idBytes]), aead}, nil
}

// Empty tells whether there are none.
func (k Keys) Empty() bool { return len(k.ring) == 0 }

// String tells how many there are.
func (k Keys) String() string { return fmt.Sprintf("[%d keys]", len(k.ring)) }

// GoString is String.
func (k Keys) GoString() string { return k.String() }

// Seal seals a secret for a purpose, such as "app-secret/17": it opens for the same purpose only, so that whoever can
// write to the database can't give one app the secret of another. [ErrNoKeys] without keys.
func (k Keys) Seal(purpose, secret string) ([]byte, error) {
	if k.Empty() {
		return nil, ErrNoKeys
	}
	head := append([]byte{sealVersion}, k.ring[0].id[:]...)
	return k.ring[0].aead.Seal(head, nil, []byte(secret), []byte(purpose)), nil
}

// Open is the secret that was sealed for the purpose. Errors: [ErrNoKeys], [ErrUnknownKey], and one for what was
// changed or sealed for another purpose.
func (k Keys) Open(purpose string, sealed []byte) (string, error) {
	if k.Empty() {
		return "", ErrNoKeys
	}
	if len(sealed) < 1+idBytes || sealed[0] != sealVersion {
		return "", errDamaged
	}
	id := [idBytes]byte(sealed[1 : 1+idBytes])
	for _, one := range k.ring {
		if one.id != id {
			continue
		}
		secret, err := one.aead.Open(nil, nil, sealed[1+idBytes:], []byte(purpose))
		if err != nil {
			return "", errDamaged
		}
		return string(secret), nil
	}
	return "", fmt.Errorf("%w (%s)", ErrUnknownKey, hex.EncodeToString(id[:]))
}

// IDs are the IDs of the keys, in hex: the first four bytes of their SHA-256.
func (k Keys) IDs() []string {
	ids := make([]string, len(k.ring))
	for i, one := range k.ring {
		ids[i] = hex.EncodeToString(one.id[:])
	}
	return ids
}

// IDOf is the ID of the key that something was sealed with, whether it is among these or not; "": it was not sealed.
func (Keys) IDOf(sealed []byte) string {
	if len(sealed) < 1+idBytes {
		return ""
	}
	return hex.EncodeToString(sealed[1 : 1+idBytes])
}

// IsCurrent tells whether something was sealed with the first key.
func (k Keys) IsCurrent(sealed []byte) bool {
	return !k.Empty() && len(sealed) > idBytes && [idBytes]byte(sealed[1:1+idBytes]) == k.ring[0].id
}
