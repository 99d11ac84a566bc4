package fulfillment

import (
	"encoding/json"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Attachments is what a provider's answer brings along beside yes or no. It holds no personal data and no secrets: it
// is kept in the workflow's history, in the snapshot and in the transition, and whoever sees those sees it.
type Attachments struct {
	Labels    []Label    `json:"labels,omitempty"`    // one for each parcel
	Documents []Document `json:"documents,omitempty"` // without their contents
	// Data is the provider's own: what it needs to know again of what it did, such as the ID of a purchase. Numbers are
	// read back as float64, so IDs with many digits have to be text.
	Data map[string]any `json:"data,omitempty"`
}

// Label is one parcel's.
type Label struct {
	TrackingNumber string `json:"trackingNumber,omitempty"`
	TrackingURL    string `json:"trackingUrl,omitempty"` // for people
	LabelURL       string `json:"labelUrl,omitempty"`    // to print it from; systems take it away after some time
}

// DocumentKind says what a document is for.
type DocumentKind string

// The kinds of documents.
const (
	DocumentLabel   DocumentKind = "label"
	DocumentInvoice DocumentKind = "invoice"
	DocumentReturn  DocumentKind = "return"
)

// Document is something to print, as it is listed.
type Document struct {
	Kind        DocumentKind `json:"kind"`
	Name        string       `json:"name"`                // file name, such as "label.pdf"
	ContentType string       `json:"mediaType,omitempty"` // such as "application/pdf"
	URL         string       `json:"url,omitempty"`       // to get its content from; empty: ask the provider
}

// How much of an answer is kept. A state with it is carried to every commit and every provider call, and must stay
// far below the 2 MB of a payload. Bytes are those of the JSON.
const (
	maxAttached      = 50 // labels, and documents
	maxLabelBytes    = 12 << 10
	maxDocumentBytes = 8 << 10
	maxDataBytes     = 4 << 10
)

// secretName is the name of something that is not to be kept.
var secretName = regexp.MustCompile(
	`(?i)secret|passw|token|api[-_ ]?key|private[-_ ]?key|authorization|credential|cookie|bearer`)

// Bounded is what is kept of the attachments; bounding it again changes nothing. Texts are cut, a URL that is none of
// the web, too long, or has a password is left out, and so are a label that says nothing and a document without a name.
// Of more labels or documents than fit, the first are kept. Data is kept name by name in their order: what can't be
// written as JSON, does not fit any more, or has the name of a secret, at any depth, is left out.
func (a Attachments) Bounded() Attachments {
	labels := make([]Label, 0, min(len(a.Labels), maxAttached))
	for _, l := range a.Labels {
		l = Label{
			TrackingNumber: attachedText(l.TrackingNumber), TrackingURL: attachedURL(l.TrackingURL),
			LabelURL: attachedURL(l.LabelURL),
		}
		if l != (Label{}) {
			labels = append(labels, l)
		}
	}
	documents := make([]Document, 0, min(len(a.Documents), maxAttached))
	for _, d := range a.Documents {
		d = Document{Kind: DocumentKind(attachedText(string(d.Kind))), Name: attachedText(d.Name),
			ContentType: attachedText(d.ContentType), URL: attachedURL(d.URL)}
		if d.Name != "" {
			documents = append(documents, d)
		}
	}
	return Attachments{
		Labels: fitting(labels, maxLabelBytes), Documents: fitting(documents, maxDocumentBytes),
		Data: boundedData(a.Data),
	}
}

// bounded is what is kept; nil: nothing.
func (a Attachments) bounded() *Attachments {
	a = a.Bounded()
	if a.Labels == nil && a.Documents == nil && a.Data == nil {
		return nil
	}
	return &a
}

// fitting is the first of a list that fit into the bytes; nil: none.
func fitting[T any](list []T, bytes int) []T {
	list = list[:min(len(list), maxAttached)]
	for i, x := range list {
		body, err := json.Marshal(x)
		if bytes -= len(body); err != nil || bytes < 0 {
			list = list[:i]
			break
		}
	}
	if len(list) == 0 {
		return nil
	}
	return list
}

func attachedText(text string) string { return clip(keepable(text), maxText) }

func attachedURL(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.User != nil || webAddress(text, nil) != nil || keepable(text) != text {
		return ""
	}
	return text
}

// keepable is the text as PostgreSQL and JSON keep it.
func keepable(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "")
}

func boundedData(data map[string]any) map[string]any {
	var kept map[string]any
	left := maxDataBytes
	for _, name := range slices.Sorted(maps.Keys(data)) {
		body, err := json.Marshal(map[string]any{name: data[name]})
		if err != nil || len(body) > left {
			continue
		}
		var one map[string]any // As it will be read back.
		if err := json.Unmarshal(body, &one); err != nil {
			continue
		}
		if one = plainObject(one); len(one) == 0 {
			continue
		}
		if kept == nil {
			kept = make(map[string]any)
		}
		maps.Copy(kept, one)
		left -= len(body)
	}
	return kept
}

// plainObject is an object as it came from JSON, without secrets and without the NUL that PostgreSQL can't keep.
func plainObject(object map[string]any) map[string]any {
	plain := make(map[string]any, len(object))
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if !secretName.MatchString(name) {
			plain[keepable(name)] = plainValue(object[name])
		}
	}
	return plain
}

func plainValue(value any) any {
	switch value := value.(type) {
	case string:
		return keepable(value)
	case []any:
		plain := make([]any, len(value))
		for i, x := range value {
			plain[i] = plainValue(x)
		}
		return plain
	case map[string]any:
		return plainObject(value)
	}
	return value
}
