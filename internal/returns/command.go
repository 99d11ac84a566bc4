package returns

import (
	"reflect"

	"packhorse/internal/fulfillment"
)

// Verb names a command: it is the name of the Temporal update and of the signal.
type Verb = fulfillment.Verb

// The verbs that callers use. Request and Create begin a return.
const (
	VerbRequest        Verb = "Request"
	VerbCreate         Verb = "Create"
	VerbApprove        Verb = "Approve"
	VerbDecline        Verb = "Decline"
	VerbCancel         Verb = "Cancel"
	VerbClose          Verb = "Close"
	VerbReopen         Verb = "Reopen"
	VerbRemove         Verb = "Remove"
	VerbProcess        Verb = "Process"
	VerbDispose        Verb = "Dispose"
	VerbCreateDelivery Verb = "CreateReverseDelivery"
	VerbUpdateDelivery Verb = "UpdateReverseDelivery"
	VerbReceive        Verb = "Receive"
	VerbExpect         Verb = "Expect"
	VerbTick           Verb = "Tick" // the workflow's own
)

// Command is something that somebody asks of one return. The implementations are this package's structs, named like
// their verbs; their JSON is the payload of the Temporal update and signal.
type Command interface {
	Verb() Verb
	Envelope() *fulfillment.Meta
	// target is the path of what names the return in the Admin API.
	target() []string
	// may refuses the command in a state in which none of its kind is taken.
	may(r *Return) *fulfillment.Error
	apply(c *change) *fulfillment.Error
}

// Opening is a command that begins a return: [Request] or [Create].
type Opening interface {
	Command
	opening() *Opened
}

// OrderOf is the order that a command which begins a return names; 0: it begins none, or names none.
func OrderOf(cmd Command) fulfillment.ID {
	if opening, ok := cmd.(Opening); ok && !isNil(cmd) {
		return opening.opening().OrderID
	}
	return 0
}

// OfOrder lets a command begin a return of this order.
func OfOrder(cmd Opening, order fulfillment.ID) { cmd.opening().OrderID = order }

// commands makes an empty command for every verb, in the order in which people look for them.
var commands = []func() Command{
	func() Command { return &Request{} },
	func() Command { return &Create{} },
	func() Command { return &Approve{} },
	func() Command { return &Decline{} },
	func() Command { return &Cancel{} },
	func() Command { return &Close{} },
	func() Command { return &Reopen{} },
	func() Command { return &Remove{} },
	func() Command { return &Process{} },
	func() Command { return &Dispose{} },
	func() Command { return &CreateDelivery{} },
	func() Command { return &UpdateDelivery{} },
	func() Command { return &Receive{} },
	func() Command { return &Expect{} },
}

// Verbs lists the verbs of all commands that can be sent, in a fixed order.
func Verbs() []Verb {
	verbs := make([]Verb, len(commands))
	for i, make := range commands {
		verbs[i] = make().Verb()
	}
	return verbs
}

// NewCommand is an empty command of this verb, to be filled from JSON; nil if there is no such verb.
func NewCommand(verb Verb) Command {
	for _, make := range commands {
		if c := make(); c.Verb() == verb {
			return c
		}
	}
	return nil
}

// DecodeCommand reads the JSON of a command. An empty body is an empty command. With strict, everything that does not
// fit is refused at once, each problem with its place, and so is a field that the command does not have.
func DecodeCommand(verb Verb, body []byte, strict bool) (Command, *fulfillment.Error) {
	cmd := NewCommand(verb)
	if cmd == nil {
		return nil, refusal(CodeInvalid, nil, "There is no command %q.", clip(string(verb), maxText))
	}
	if refused := fulfillment.DecodeInto(string(verb), body, cmd, strict); refused != nil {
		return nil, refused
	}
	return cmd, nil
}

// Fingerprint identifies what a command asks for, apart from its command ID and the IDs it would mint: two sendings of
// the same command have the same fingerprint.
func Fingerprint(cmd Command) string {
	return fulfillment.FingerprintOf("return "+string(cmd.Verb()), cmd)
}

// Result is the short answer to a command; the store has the rest.
type Result struct {
	ReturnID   fulfillment.ID `json:"returnId"`
	Name       string         `json:"name"`
	Sequence   int64          `json:"sequence"` // of the last transition that the answer contains
	Status     Status         `json:"status"`
	DeliveryID fulfillment.ID `json:"reverseDeliveryId,omitempty"` // of one that was made or changed
	// WorkLines are the lines of a reverse fulfillment order that were disposed of, in the order of the command.
	WorkLines []fulfillment.ID `json:"reverseFulfillmentOrderLineItemIds,omitempty"`
}

// Answered remembers a command and what it was answered, so that a repeated one is answered the same.
type Answered struct {
	CommandID   string `json:"commandId"`
	Fingerprint string `json:"fingerprint"`
	Result      Result `json:"result"`
}

func isNil(cmd Command) bool {
	if cmd == nil {
		return true
	}
	v := reflect.ValueOf(cmd)
	return v.Kind() == reflect.Pointer && v.IsNil()
}
