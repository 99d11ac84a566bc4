package http

import (
	"encoding/base64"
	"encoding/json"
	"slices"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
)

// answerBody is Answer of the contract, and Said.
type answerBody struct {
	Outcome            text               `json:"outcome"`
	Reference          text               `json:"reference"`
	Reason             text               `json:"reason"`
	Message            text               `json:"message"`
	Lines              list[lineNote]     `json:"lines"`
	Accepted           json.RawMessage    `json:"accepted"`
	EstimatedShippedAt text               `json:"estimatedShippedAt"`
	Hold               json.RawMessage    `json:"hold"`
	Shipments          list[shipmentBody] `json:"shipments"`
	Labels             list[labelBody]    `json:"labels"`
	Documents          list[documentBody] `json:"documents"`
	Data               json.RawMessage    `json:"data"`
}

type lineNote struct {
	LineID  text `json:"lineId"`
	Message text `json:"message"`
}

type labelBody struct {
	TrackingNumber text `json:"trackingNumber"`
	TrackingURL    text `json:"trackingUrl"`
	LabelURL       text `json:"labelUrl"`
}

type documentBody struct {
	Kind      text `json:"kind"`
	Name      text `json:"name"`
	MediaType text `json:"mediaType"`
	URL       text `json:"url"`
	Content   text `json:"content"`
}

// answer reads an answer to a call of the kind about the request with the key. A body that is none leaves the outcome
// unknown.
func (r reply) answer(kind fulfillment.EffectKind, key string) (provider.Answer, error) {
	var b answerBody
	if err := json.Unmarshal(r.body, &b); err != nil || b.Outcome == "" {
		return provider.Answer{}, r.unreadable("an answer with an outcome")
	}
	accepted, ok := units(b.Accepted)
	if !ok {
		return provider.Answer{
			Outcome: fulfillment.OutcomeParked, Reference: string(b.Reference),
			Message: tookPart(kind) + ", and nobody can read which one. Ask it, then answer for it.",
		}, nil
	}
	a := provider.Answer{
		Outcome: fulfillment.Outcome(b.Outcome), Reference: string(b.Reference), Message: string(b.Message),
		Lines: notes(b.Lines), EstimatedShippedAt: b.EstimatedShippedAt.time(),
	}
	if a.Outcome == fulfillment.OutcomeAccepted && takesNothing(accepted) {
		a.Outcome = fulfillment.OutcomeRejected
	}
	switch a.Outcome {
	case fulfillment.OutcomeAccepted:
		if a.Accepted = accepted; accepted != nil {
			a.Reason = reasonOf(b.Reason) // of the units that it does not take
		}
		a.News = standing(key, b)
	case fulfillment.OutcomeRejected:
		a.Reason = reasonOf(b.Reason)
	}
	for _, l := range b.Labels {
		a.Labels = append(a.Labels, fulfillment.Label{
			TrackingNumber: string(l.TrackingNumber), TrackingURL: string(l.TrackingURL), LabelURL: string(l.LabelURL),
		})
	}
	a.Documents = documentsOf(b.Documents)
	_ = json.Unmarshal(b.Data, &a.Data) // What is no object is left out.
	return a, nil
}

// tookPart says what a warehouse has done for some of the units that it was asked for.
func tookPart(kind fulfillment.EffectKind) string {
	switch kind {
	case fulfillment.EffectCancel, fulfillment.EffectWithdraw:
		return "The warehouse accepted the cancellation for a part of the units"
	case fulfillment.EffectReturn:
		return "The warehouse took a part of the return"
	}
	return "The warehouse took a part of the request"
}

// unreadable is the error of a 2xx whose body is not what it must be.
func (r reply) unreadable(want string) error {
	return &provider.Error{
		Class: provider.UnknownOutcome, Message: "the warehouse's answer can't be read: it is not " + want,
	}
}

// reasonOf is a rejection reason; one that is not known is OTHER.
func reasonOf(reason text) fulfillment.RejectionReason {
	known := fulfillment.RejectionReason(reason)
	if known == "" || slices.Contains(fulfillment.RejectionReasons, known) {
		return known
	}
	return fulfillment.RejectOther
}

// longestNote is how many characters a fulfillment order keeps of what is said about a line.
const longestNote = 255

func notes(lines []lineNote) []fulfillment.RejectedLine {
	var rejected []fulfillment.RejectedLine
	for _, l := range lines {
		if id := l.LineID.id(); id != 0 {
			rejected = append(rejected, fulfillment.RejectedLine{LineID: id, Message: l.Message.cut(longestNote)})
		}
	}
	return rejected
}

// takesNothing tells whether what was accepted is a list without units: a rejection, however it is called.
func takesNothing(accepted []provider.Part) bool { return accepted != nil && len(accepted) == 0 }

// units reads units strictly: to take some for all, or others, would be worse than to ask. Nothing is nil; a list
// without units is another thing than none.
func units(raw json.RawMessage) (parts []provider.Part, ok bool) {
	if len(raw) == 0 || string(raw) == "null" {
		return nil, true
	}
	var list []struct {
		LineID   text   `json:"lineId"`
		Quantity number `json:"quantity"`
	}
	if json.Unmarshal(raw, &list) != nil {
		return nil, false
	}
	parts = make([]provider.Part, 0, len(list))
	for _, u := range list {
		if u.LineID.id() == 0 || u.Quantity < 1 || int64(u.Quantity) > maxQuantity {
			return nil, false
		}
		parts = append(parts, provider.Part{LineID: u.LineID.id(), Quantity: int(u.Quantity)})
	}
	return parts, true
}

const maxQuantity = 1 << 31

// documents reads the documents of one kind.
func (r reply) documents(kind fulfillment.DocumentKind) ([]provider.Document, error) {
	var b struct {
		Documents *list[documentBody] `json:"documents"`
	}
	if err := json.Unmarshal(r.body, &b); err != nil || b.Documents == nil {
		return nil, r.unreadable("a list of documents")
	}
	return slices.DeleteFunc(documentsOf(*b.Documents), func(d provider.Document) bool { return d.Kind != kind }), nil
}

// documentsOf leaves out what can't be printed: it has neither an address nor contents.
func documentsOf(bodies []documentBody) []provider.Document {
	var documents []provider.Document
	for _, b := range bodies {
		d := provider.Document{Document: fulfillment.Document{
			Kind: fulfillment.DocumentKind(b.Kind), Name: string(b.Name), ContentType: string(b.MediaType),
			URL: string(b.URL),
		}}
		if d.URL == "" {
			var err error
			if d.Content, err = base64.StdEncoding.DecodeString(string(b.Content)); err != nil {
				// It is what it is: a label in a printer's language can be printed, of all else its entry says why not.
				d.Content = []byte(b.Content)
			}
		}
		if d.Name != "" && d.ContentType != "" && (d.URL != "" || len(d.Content) > 0) {
			documents = append(documents, d)
		}
	}
	return documents
}
