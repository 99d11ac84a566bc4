package fulfillment

import (
	"slices"
	"strconv"
	"time"
)

// NewsAhead is how far ahead of ours the time of news may be that is taken.
const NewsAhead = 24 * time.Hour

// Admit looks at a command as it arrives, before anybody decides about it: it makes its texts of one line [Tidy], and
// refuses what makes no sense whatever the state is, such as a year that nobody lives to see. It is apart from
// [FulfillmentOrder.Decide], which also repeats what was decided before a rule of this kind came. A refused command may
// be changed in part.
func Admit(cmd interface{ Envelope() *Meta }, now time.Time) *Error {
	return (&admission{now: now}).of(cmd)
}

// AdmitAsBefore is [Admit] as it was when it took messages that were damaged on their way, tracking of nothing, and an
// empty list of holds for all of them: for workflows that did so.
func AdmitAsBefore(cmd interface{ Envelope() *Meta }, now time.Time) *Error {
	return (&admission{now: now, before: true}).of(cmd)
}

func (a *admission) of(cmd interface{ Envelope() *Meta }) *Error {
	by := &cmd.Envelope().Actor
	a.line(&by.App, "actor", "app")
	a.line(&by.Name, "actor", "name")
	if arriving, ok := cmd.(interface{ admit(a *admission) }); ok {
		arriving.admit(a)
	}
	return a.refused
}

// The arguments of GraphQL in which some commands' fields are.
const (
	holdInput     = "fulfillmentHold"
	eventInput    = "fulfillmentEvent"
	progressInput = "progressReport"
)

// ownPath is the place of a field in a command's JSON, of which the field's path in GraphQL is known: there some are in
// an object of their own.
func ownPath(field []string) []string {
	if len(field) > 1 && slices.Contains([]string{holdInput, eventInput, progressInput, "fulfillment"}, field[0]) {
		return field[1:]
	}
	return field
}

// admission looks at one command that arrives.
type admission struct {
	now     time.Time
	before  bool   // see [AdmitAsBefore]
	refused *Error // what was found first
}

// refuse names the place as the command's JSON does: only GraphQL has its fields in an object of their own.
func (a *admission) refuse(field []string, problem string) {
	if a.refused == nil && problem != "" {
		a.refused = refusal(CodeInvalid, field, "%s: %s.", showPath(ownPath(field)), problem)
	}
}

// text looks at a text that is kept as it is written.
func (a *admission) text(text string, field ...string) {
	if !a.before {
		a.refuse(field, textProblem(text))
	}
}

// line tidies a text of one line.
func (a *admission) line(text *string, field ...string) {
	*text = Tidy(*text)
	a.refuse(field, lineProblem(*text))
}

// lines tidies texts of one line, each in its place, in a slice of their own.
func (a *admission) lines(texts *[]string, field ...string) {
	*texts = slices.Clone(*texts)
	for i := range *texts {
		a.line(&(*texts)[i], append(slices.Clone(field), strconv.Itoa(i))...)
	}
}

// time refuses a year that nobody can have meant. Nil is no time.
func (a *admission) time(at *time.Time, field ...string) {
	if at == nil {
		return
	}
	if year := at.UTC().Year(); year < firstYear || year > lastYear {
		a.refuse(field, "must be in the years "+strconv.Itoa(firstYear)+" to "+strconv.Itoa(lastYear)+" (is in "+
			strconv.Itoa(year)+")")
	}
}

// happened refuses a time that is still to come. Clocks differ, and carriers write local time without a zone.
func (a *admission) happened(at *time.Time, field ...string) {
	a.time(at, field...)
	if at != nil && at.Sub(a.now) > NewsAhead {
		a.refuse(field, "must not be more than 24 hours ahead of now (is "+at.UTC().Format(time.RFC3339)+")")
	}
}

// tracking tidies numbers, carriers and addresses. Nil is none.
func (a *admission) tracking(in *TrackingInput, field string) {
	if in == nil {
		return
	}
	a.line(&in.Company, field, "company")
	a.line(&in.Number, field, "number")
	a.line(&in.URL, field, "url")
	a.lines(&in.Numbers, field, "numbers")
	a.lines(&in.URLs, field, "urls")
	if !a.before {
		in.leaveOutNothing()
	}
}

// origin tidies where a shipment leaves from. Nil is nowhere.
func (a *admission) origin(in *OriginAddress) {
	if in == nil {
		return
	}
	for _, part := range []struct {
		name string
		text *string
	}{
		{"address1", &in.Address1}, {"address2", &in.Address2}, {"city", &in.City}, {"zip", &in.Zip},
		{"provinceCode", &in.ProvinceCode}, {"countryCode", &in.CountryCode},
	} {
		a.line(part.text, "originAddress", part.name)
	}
}

func (cmd *Alone) admit(a *admission) {
	if arriving, ok := cmd.Command.(interface{ admit(a *admission) }); ok {
		arriving.admit(a)
	}
}

func (cmd *SubmitFulfillmentRequest) admit(a *admission) { a.text(cmd.Message, "message") }

func (cmd *RejectFulfillmentRequest) admit(a *admission) {
	a.text(cmd.Message, "message")
	for i, l := range cmd.Lines {
		a.text(l.Message, "lineItems", strconv.Itoa(i), "message")
	}
}

func (cmd *SubmitCancellationRequest) admit(a *admission) { a.text(cmd.Message, "message") }

func (cmd *AcceptCancellationRequest) admit(a *admission) {
	a.text(cmd.Message, "message")
	for i, l := range cmd.Rejected {
		a.text(l.Message, "rejectedLineItems", strconv.Itoa(i), "message")
	}
}

func (cmd *RejectCancellationRequest) admit(a *admission) { a.text(cmd.Message, "message") }

func (cmd *Close) admit(a *admission) { a.text(cmd.Message, "message") }

func (cmd *ReportProgress) admit(a *admission) { a.text(cmd.ReasonNotes, progressInput, "reasonNotes") }

func (cmd *CancelUnits) admit(a *admission) { a.text(cmd.Reason, "reason") }

func (cmd *AcceptFulfillmentRequest) admit(a *admission) {
	a.text(cmd.Message, "message")
	for i, l := range cmd.Rejected {
		a.text(l.Message, "rejectedLineItems", strconv.Itoa(i), "message")
	}
	a.time(cmd.EstimatedShippedAt, "estimatedShippedAt")
}

func (cmd *PlaceHold) admit(a *admission) {
	a.line(&cmd.Handle, holdInput, "handle")
	a.line(&cmd.ExternalID, holdInput, "externalId")
	a.text(cmd.ReasonNotes, holdInput, "reasonNotes")
	a.time(cmd.ExpiresAt, holdInput, "expiresAt")
}

func (cmd *ReleaseHold) admit(a *admission) {
	a.line(&cmd.ExternalID, "externalId")
	if cmd.HoldIDs != nil && len(cmd.HoldIDs) == 0 && !a.before {
		a.refuse([]string{"holdIds"}, "must name a hold, or be left out to release all of them")
	}
	for i := range cmd.Handles {
		a.line(&cmd.Handles[i], "handles", strconv.Itoa(i))
	}
	if cmd.Handles != nil && len(cmd.Handles) == 0 {
		a.refuse([]string{"handles"}, "must name a handle, or be left out to release holds with any")
	}
}

func (cmd *Reschedule) admit(a *admission) { a.time(&cmd.FulfillAt, "fulfillAt") }

func (cmd *SetDeadline) admit(a *admission) { a.time(cmd.FulfillBy, "fulfillmentDeadline") }

func (cmd *SetDeadlines) admit(a *admission) { a.time(cmd.FulfillBy, "fulfillmentDeadline") }

func (cmd *CreateFulfillment) admit(a *admission) {
	a.text(cmd.Message, "message")
	a.tracking(cmd.Tracking, "trackingInfo")
	a.origin(cmd.OriginAddress)
}

func (cmd *Ship) admit(a *admission) {
	a.text(cmd.Message, "message")
	a.tracking(cmd.Tracking, "trackingInfo")
	a.origin(cmd.OriginAddress)
}

func (cmd *UpdateTracking) admit(a *admission) { a.tracking(&cmd.Tracking, "trackingInfoInput") }

func (cmd *RecordEvent) admit(a *admission) {
	field := func(name string) []string { return []string{eventInput, name} }
	a.text(cmd.Message, field("message")...)
	a.happened(cmd.HappenedAt, field("happenedAt")...)
	a.time(cmd.EstimatedDeliveryAt, field("estimatedDeliveryAt")...)
	for _, part := range []struct {
		name string
		text *string
	}{
		{"address1", &cmd.Address1}, {"city", &cmd.City}, {"province", &cmd.Province}, {"country", &cmd.Country},
		{"zip", &cmd.Zip},
	} {
		a.line(part.text, field(part.name)...)
	}
}
