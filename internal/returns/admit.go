package returns

import (
	"strings"
	"time"

	"packhorse/internal/fulfillment"
)

// The years that a time may be in.
const (
	firstYear = 1970
	lastYear  = 9000
)

// Admit looks at a command as it arrives, before anybody decides about it: it makes its texts of one line tidy, and
// refuses what makes no sense whatever the state is. A refused command may be changed in part.
func Admit(cmd Command, now time.Time) *fulfillment.Error {
	a := &admission{now: now}
	by := &cmd.Envelope().Actor
	a.line(&by.App, "actor", "app")
	a.line(&by.Name, "actor", "name")
	if arriving, ok := cmd.(interface{ admit(a *admission) }); ok {
		arriving.admit(a)
	}
	return a.refused
}

// admission looks at one command that arrives.
type admission struct {
	now     time.Time
	refused *fulfillment.Error // what was found first
}

// refuse names the place in the message as the command's JSON does: only GraphQL has it in an argument of its own.
func (a *admission) refuse(problem string, path ...any) {
	if a.refused == nil && problem != "" {
		field := at(path...)
		own := field
		if own[0] == requestInput || own[0] == createInput {
			own = own[1:]
		}
		a.refused = refusal(CodeInvalid, field, "%s: %s.", strings.Join(own, "."), problem)
	}
}

// text looks at a text that is kept as it is written.
func (a *admission) text(text string, path ...any) { a.refuse(fulfillment.TextProblem(text), path...) }

// line tidies a text of one line.
func (a *admission) line(text *string, path ...any) {
	*text = fulfillment.Tidy(*text)
	a.refuse(fulfillment.LineProblem(*text), path...)
}

// url makes an address such as can be followed.
func (a *admission) url(text *string, path ...any) {
	*text = fulfillment.EncodeURL(*text)
	a.refuse(fulfillment.LineProblem(*text), path...)
}

// time refuses a year that nobody can have meant. Nil is no time.
func (a *admission) time(t *time.Time, path ...any) {
	if t == nil {
		return
	}
	if year := t.UTC().Year(); year < firstYear || year > lastYear {
		a.refuse("must be in the years 1970 to 9000", path...)
	}
}

func (in *Opened) admit(a *admission, root string) {
	a.line(&in.RMANumber, root, "rmaNumber")
	for i := range in.Lines {
		l := &in.Lines[i]
		a.text(l.ReasonNote, root, "returnLineItems", i, "returnReasonNote")
		a.text(l.CustomerNote, root, "returnLineItems", i, "customerNote")
		if strings.TrimSpace(l.ReasonNote) == "" { // Nothing was written.
			l.ReasonNote = ""
		}
	}
	if in.ShippingFee != nil {
		a.line(&in.ShippingFee.Amount, root, "returnShippingFee", "amount")
		a.line(&in.ShippingFee.CurrencyCode, root, "returnShippingFee", "currencyCode")
	}
}

func (in *Expected) admit(a *admission, root ...any) {
	a.time(in.By, append(root[:len(root):len(root)], "expectedBy")...)
}

func (cmd *Request) admit(a *admission) { cmd.Opened.admit(a, requestInput) }

func (cmd *Create) admit(a *admission) {
	cmd.Opened.admit(a, createInput)
	cmd.Expected.admit(a, createInput)
	a.time(cmd.RequestedAt, createInput, "requestedAt")
	for i := range cmd.ExchangeLines {
		l := &cmd.ExchangeLines[i]
		a.line(&l.Title, createInput, "exchangeLineItems", i, "title")
		a.line(&l.SKU, createInput, "exchangeLineItems", i, "sku")
		a.line(&l.UnitPrice, createInput, "exchangeLineItems", i, "unitPrice")
	}
}

func (cmd *Approve) admit(a *admission) {
	cmd.Expected.admit(a, requestInput)
	for i, d := range cmd.Declined {
		a.text(d.Note, requestInput, "declinedReturnLineItems", i, "declineNote")
	}
}

func (cmd *Decline) admit(a *admission) { a.text(cmd.Note, requestInput, "declineNote") }

func (cmd *Process) admit(a *admission) { a.text(cmd.Note, requestInput, "note") }

func (cmd *Expect) admit(a *admission) { cmd.Expected.admit(a) }

func (cmd *CreateDelivery) admit(a *admission) { a.parcel(cmd.Tracking, cmd.Label) }

func (cmd *UpdateDelivery) admit(a *admission) { a.parcel(cmd.Tracking, cmd.Label) }

func (a *admission) parcel(tracking *TrackingInput, label *LabelInput) {
	if tracking != nil {
		a.line(&tracking.Number, "trackingInput", "number")
		a.url(&tracking.URL, "trackingInput", "url")
		a.line(&tracking.CarrierName, "trackingInput", "carrierName")
	}
	if label != nil {
		a.url(&label.FileURL, "labelInput", "fileUrl")
	}
}

func (cmd *Receive) admit(a *admission) {
	a.text(cmd.Note, "note")
	for i := range cmd.Differences {
		d := &cmd.Differences[i]
		a.line(&d.SKU, "differences", i, "sku")
		a.text(d.Note, "differences", i, "note")
	}
}
