package fulfillment

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// TrackingInfo is one tracking number of a shipment. The URL of a known carrier is built from the number.
type TrackingInfo struct {
	Company string `json:"company,omitempty"`
	Number  string `json:"number,omitempty"`
	URL     string `json:"url,omitempty"`
}

// TrackingInput is how callers give tracking: one number or several, with URLs by position.
type TrackingInput struct {
	Company string   `json:"company,omitempty"`
	Number  string   `json:"number,omitempty"`
	URL     string   `json:"url,omitempty"`
	Numbers []string `json:"numbers,omitempty"`
	URLs    []string `json:"urls,omitempty"`
}

// UpdateTracking replaces a shipment's tracking.
type UpdateTracking struct {
	Meta
	FulfillmentID  ID            `json:"fulfillmentId"`
	Tracking       TrackingInput `json:"trackingInfoInput"`
	NotifyCustomer bool          `json:"notifyCustomer,omitempty"`
	// IfNone is to change nothing if the shipment has a tracking number.
	IfNone bool `json:"ifNone,omitempty"`
}

// Verb is UpdateTracking.
func (*UpdateTracking) Verb() Verb { return VerbUpdateTracking }

// maxTracking is how many tracking numbers a shipment may have.
const maxTracking = 100

func (cmd *UpdateTracking) apply(c *change) *Error {
	tracking, e := cmd.Tracking.infos("trackingInfoInput")
	if e != nil {
		return e
	}
	f := c.fo.fulfillment(cmd.FulfillmentID)
	if f == nil {
		return cmd.Unknown()
	}
	if cmd.IfNone && slices.ContainsFunc(f.Tracking, func(t TrackingInfo) bool { return t.Number != "" }) {
		c.result.FulfillmentID, c.unchanged = f.ID, f.Name+" has a tracking number."
		return nil
	}
	f.Tracking, f.NotifyCustomer, f.UpdatedAt = tracking, cmd.NotifyCustomer, c.now
	c.result.FulfillmentID = f.ID
	c.transition(
		KindTrackingUpdated, "New tracking for "+f.Name+".", &Details{Fulfillment: f.brief()}, TopicFulfillmentUpdated,
	)
	return nil
}

// infos pairs numbers and URLs by position. A number without a URL gets the one of its carrier, if that is known.
func (in *TrackingInput) infos(field ...string) ([]TrackingInfo, *Error) {
	at := func(name string, i int) []string {
		return append(append([]string(nil), field...), name, strconv.Itoa(i))
	}
	if e := tooLong(in.Company, maxText, append(field, "company")...); e != nil {
		return nil, e
	}
	numbers, urls := with(in.Number, in.Numbers), with(in.URL, in.URLs)
	n := max(len(numbers), len(urls))
	if n > maxTracking {
		return nil, refusal(CodeInvalid, field, "There may be up to %d tracking numbers.", maxTracking)
	}
	if n == 0 && in.Company != "" {
		return []TrackingInfo{{Company: in.Company}}, nil
	}
	infos := make([]TrackingInfo, n)
	for i := range infos {
		infos[i].Company = in.Company
		if i < len(numbers) {
			if e := tooLong(numbers[i], maxText, at("numbers", i)...); e != nil {
				return nil, e
			}
			infos[i].Number = strings.TrimSpace(numbers[i])
		}
		if i < len(urls) && urls[i] != "" {
			if e := webAddress(urls[i], at("urls", i)); e != nil {
				return nil, e
			}
			infos[i].URL = urls[i]
		} else {
			infos[i].URL = CarrierURL(in.Company, infos[i].Number)
		}
	}
	return infos, nil
}

// leaveOutNothing leaves out pairs of numbers and URLs in which there is neither.
func (in *TrackingInput) leaveOutNothing() {
	at := func(list []string, i int) string {
		if i < len(list) {
			return list[i]
		}
		return ""
	}
	var numbers, urls []string
	for i := range max(len(in.Numbers), len(in.URLs)) {
		if number, url := at(in.Numbers, i), at(in.URLs, i); number != "" || url != "" {
			numbers, urls = append(numbers, number), append(urls, url)
		}
	}
	in.Numbers, in.URLs = trimmed(numbers), trimmed(urls)
}

// trimmed is the list without the empty texts at its end.
func trimmed(list []string) []string {
	for len(list) > 0 && list[len(list)-1] == "" {
		list = list[:len(list)-1]
	}
	return list
}

// with puts the single value before the list, unless the list has it already.
func with(single string, list []string) []string {
	if single == "" {
		return list
	}
	for _, s := range list {
		if s == single {
			return list
		}
	}
	return append([]string{single}, list...)
}

// TrackingOf is where a command, single or joint, says how its shipment is tracked; nil: it says nothing of it.
func TrackingOf(cmd any) *TrackingInput {
	switch cmd := cmd.(type) {
	case *Ship:
		return cmd.Tracking
	case *CreateFulfillment:
		return cmd.Tracking
	case *UpdateTracking:
		return &cmd.Tracking
	}
	return nil
}

// EncodeURLs makes the addresses such as can be followed, see [EncodeURL]. It is done before a command goes out, and
// once, so that the command says what happens. Nil has none.
func (in *TrackingInput) EncodeURLs() {
	if in == nil {
		return
	}
	in.URL, in.URLs = EncodeURL(in.URL), slices.Clone(in.URLs)
	for i := range in.URLs {
		in.URLs[i] = EncodeURL(in.URLs[i])
	}
}

// LeaveOutURLs leaves out the addresses that would be refused: for systems, which mend nothing and whose shipment
// counts. Numbers keep their places. Nil has none.
func (in *TrackingInput) LeaveOutURLs() {
	if in == nil {
		return
	}
	none := func(text string) bool { return webAddress(text, nil) != nil || lineProblem(text) != "" }
	if none(in.URL) {
		in.URL = ""
	}
	in.URLs = slices.Clone(in.URLs)
	for i := range in.URLs {
		if none(in.URLs[i]) {
			in.URLs[i] = ""
		}
	}
}

// EncodeURL is an address as it is kept: blanks, line ends and control characters within it, which no address has but
// which programs write into it, are percent-encoded, as browsers do. At its ends they are left out.
func EncodeURL(text string) string {
	text = Tidy(text)
	if strings.IndexFunc(text, isUnfit) < 0 {
		return text
	}
	var encoded strings.Builder
	for _, r := range text {
		if isUnfit(r) {
			encoded.WriteString(url.PathEscape(string(r)))
		} else {
			encoded.WriteRune(r)
		}
	}
	return encoded.String()
}

func isUnfit(r rune) bool { return r == ' ' || unicode.IsControl(r) }

func webAddress(text string, field []string) *Error {
	if e := tooLong(text, maxURL, field...); e != nil {
		return e
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return refusal(CodeInvalid, field, "is not a web address: it must begin with https:// or http://.")
	}
	return nil
}
