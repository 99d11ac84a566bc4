package fulfillment

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"sync"
	"time"
)

// ID names any object of Packhorse: a positive 63-bit number. New ones are time-ordered: the upper 41 bits are
// milliseconds since [IDEpoch], the lower 22 start at random. Zero is "no ID".
type ID int64

// IDEpoch is the instant that an ID's time part counts from.
var IDEpoch = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)

// IDBlock is how many consecutive IDs belong to one that was minted: a command that makes several things (a sibling
// with its lines, a hold, a fulfillment) counts up from the ID that its sender minted. It exceeds what the largest
// order can need, see [MaxLines].
const IDBlock = 2048

const idRandomBits = 22

// maxFirstID leaves room for a whole block below the largest number.
const maxFirstID ID = math.MaxInt64 - IDBlock

// String is the ID in decimal.
func (id ID) String() string { return strconv.FormatInt(int64(id), 10) }

// InBlock tells whether the ID is one of the [IDBlock] that start at first.
func (id ID) InBlock(first ID) bool { return id >= first && id-first < IDBlock }

// MarshalJSON writes the ID as text: programs whose numbers have 53 bits can't hold it. No ID is "0".
func (id ID) MarshalJSON() ([]byte, error) {
	return append(strconv.AppendInt([]byte{'"'}, int64(id), 10), '"'), nil
}

// UnmarshalJSON reads text, or the same as a number, as it was written once.
func (id *ID) UnmarshalJSON(data []byte) error {
	text := string(data)
	if text == "null" {
		return nil
	}
	if unquoted, err := strconv.Unquote(text); err == nil {
		text = Tidy(unquoted)
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return &json.UnmarshalTypeError{Value: "value " + clip(string(data), 50), Type: reflect.TypeFor[ID]()}
	}
	*id = ID(n)
	return nil
}

// ParseID reads a decimal ID. Zero, negative and non-numeric text is refused with code [CodeInvalid].
func ParseID(text string) (ID, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n <= 0 {
		return 0, &Error{
			Code: CodeInvalid, Message: fmt.Sprintf("%q is not an ID: a positive whole number is needed.", text),
		}
	}
	return ID(n), nil
}

// Minter mints IDs that no other Minter mints: unique inside the process by counting, between processes by 22 random
// bits in each millisecond. The zero value is ready; it is safe for concurrent use. Not for workflow code.
type Minter struct {
	mu   sync.Mutex
	last ID
}

// Mint returns the first of [IDBlock] consecutive IDs that are the caller's own.
func (m *Minter) Mint() ID {
	var b [4]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never fails since Go 1.24.
	m.mu.Lock()
	defer m.mu.Unlock()
	id := ID(time.Since(IDEpoch).Milliseconds())<<idRandomBits | ID(binary.BigEndian.Uint32(b[:])&(1<<idRandomBits-1))
	if id < m.last+IDBlock {
		id = m.last + IDBlock
	}
	m.last = id
	return id
}

// DerivedID is a stable 63-bit ID for a name from another system: the same kind and name always give the same ID,
// so an order that is imported twice is recognised. It is not time-ordered.
func DerivedID(kind, name string) ID {
	sum := sha256.Sum256([]byte(kind + "\x00" + name))
	id := ID(binary.BigEndian.Uint64(sum[:8]) >> 1)
	if id == 0 {
		return 1
	}
	return id
}

// OrderIDOf is the ID of an order that another system calls by this name: the same order, however often and whichever
// way it comes. Blanks make no difference, see [Tidy].
func OrderIDOf(sourceIdentifier string) ID { return DerivedID("order", Tidy(sourceIdentifier)) }

// IDs hands out the consecutive IDs of one minted block.
type IDs struct{ next ID }

// NewIDs counts up from first.
func NewIDs(first ID) *IDs { return &IDs{next: first} }

// Next is the next ID of the block.
func (ids *IDs) Next() ID {
	id := ids.next
	ids.next++
	return id
}
