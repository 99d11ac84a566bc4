package callback

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"packhorse/internal/fulfillment"
)

// MaxAge is how old shipments are at most whose tracking numbers are asked for.
const MaxAge = 7 * 24 * time.Hour

// MaxNames is how many shipments one question for tracking numbers names at most.
const MaxNames = 50

// Untracked is a shipment without a tracking number.
type Untracked struct {
	ID, FulfillmentOrderID fulfillment.ID
	Name                   string
	Company, URL           string // of the carrier, as far as that was said without a number
	UpdatedAt              time.Time
}

// trackingCommand is how the IDs of the commands begin that give shipments the numbers that were asked for.
const trackingCommand = "fetch-tracking-numbers"

// CommandID is the ID of the command that gives the shipment its numbers: the same as before, if neither was changed
// since.
func (u Untracked) CommandID(numbers []string) string {
	return strings.Join(
		[]string{trackingCommand, u.ID.String(), strconv.FormatInt(u.UpdatedAt.UnixMicro(), 10), digest(numbers)}, "/",
	)
}

func digest(numbers []string) string {
	said := sha256.Sum256([]byte(strings.Join(numbers, "\n")))
	return hex.EncodeToString(said[:6])
}

// Fetched tells whether a command ID is one of [Untracked.CommandID], and whether it is that of this shipment and
// these numbers.
func Fetched(commandID string, shipment fulfillment.ID, numbers []string) (fetched, same bool) {
	parts := strings.Split(commandID, "/")
	if len(parts) != 4 || parts[0] != trackingCommand {
		return false, false
	}
	return true, parts[1] == shipment.String() && parts[3] == digest(numbers)
}
