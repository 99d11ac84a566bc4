package provider

import (
	"slices"
	"strings"
	"unicode/utf8"

	"packhorse/internal/fulfillment"
)

// The longest texts that are taken over from a service's system, in bytes; a fulfillment order keeps hardly more. An
// answer that is too large for a payload of Temporal (2 MB, where a byte may take six) would never arrive, though its
// effect has happened.
const (
	longestText = 20_000
	longestLine = 500 // about one line item
	longestName = 200
)

// maxParts is how many parts an answer may accept: some lines may come in several parcels.
const maxParts = 4 * fulfillment.MaxLines

// bounded is the answer without what can't be taken over: texts are cut, lines are at most [fulfillment.MaxLines], and
// a time that no calendar of ours has is left out. What comes along is cut by [Answer.Attachments]; its addresses are
// made such as can be followed.
func (a Answer) bounded() Answer {
	a.Reference, a.Message = clip(a.Reference, longestText), clip(a.Message, longestText)
	a.Reason = fulfillment.RejectionReason(clip(string(a.Reason), longestName))
	if len(a.Lines) > 0 {
		lines := make([]fulfillment.RejectedLine, min(len(a.Lines), fulfillment.MaxLines))
		for i := range lines {
			lines[i] = fulfillment.RejectedLine{
				LineID: a.Lines[i].LineID, Message: clip(a.Lines[i].Message, longestLine),
			}
		}
		a.Lines = lines
	}
	if at := a.EstimatedShippedAt; at != nil {
		utc := at.UTC()
		a.EstimatedShippedAt = &utc
		if year := utc.Year(); year < 1970 || year > 9999 {
			a.EstimatedShippedAt = nil
		}
	}
	a.Labels, a.Documents = slices.Clone(a.Labels), slices.Clone(a.Documents)
	for i := range a.Labels {
		l := &a.Labels[i]
		l.TrackingNumber = fulfillment.Tidy(l.TrackingNumber)
		l.TrackingURL, l.LabelURL = fulfillment.EncodeURL(l.TrackingURL), fulfillment.EncodeURL(l.LabelURL)
	}
	for i := range a.Documents {
		a.Documents[i].URL = fulfillment.EncodeURL(a.Documents[i].URL)
	}
	return a
}

// clip cuts a text between two characters, and makes it UTF-8 without the NUL that PostgreSQL can't keep.
func clip(text string, limit int) string {
	cut := min(len(text), limit)
	for cut > 0 && cut < len(text) && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return strings.ReplaceAll(strings.ToValidUTF8(text[:cut], "\uFFFD"), "\x00", "\uFFFD")
}

// plain is the error, or one that says the same in as many words as can be passed on.
func plain(err error) error {
	text := err.Error()
	if short := clip(text, longestText); short != text {
		return &Error{Class: Classify(err), RetryAfter: RetryAfter(err), Message: short}
	}
	return err
}
