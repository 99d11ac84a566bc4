package paper

import (
	"slices"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
)

// Found is a document as a provider has brought it: with its content, with a URL to fetch it from, or with neither, to
// ask the provider for it.
type Found struct {
	Document
	Content []byte
}

// most is how many documents of an answer are kept, as of its attachments.
const most = 100

// Brought lists what an answer brings, each once. Of is what it is about: order, fulfillment order, provider and
// request. Labels come first. Contents of labels that are as many as the labels are theirs, in order, and take the
// place of their URLs. A content that can't be kept is left out, and the problem says why.
func Brought(of Document, answer provider.Answer) []Found {
	of.Reference = answer.Reference
	kept := answer.Attachments() // With what is wrong in URLs and texts left out.
	documents := make([]Found, len(kept.Documents))
	var contents []int // places of labels with a content
	for i, d := range kept.Documents {
		f := Found{Document: of}
		f.Kind, f.Name, f.SourceURL, f.MediaType = d.Kind, d.Name, d.URL, d.ContentType
		if given := contentOf(answer, i, d); len(given) > 0 {
			f.Hold(given)
		}
		if f.Kind == fulfillment.DocumentLabel && f.Content != nil {
			contents = append(contents, i)
		}
		documents[i] = f
	}
	var found []Found
	for i, l := range kept.Labels {
		if len(contents) == len(kept.Labels) {
			documents[contents[i]].TrackingNumber = l.TrackingNumber
			continue
		}
		if l.LabelURL == "" {
			continue
		}
		f := Found{Document: of}
		f.Kind, f.Name, f.TrackingNumber = fulfillment.DocumentLabel, "label", l.TrackingNumber
		if l.TrackingNumber != "" {
			f.Name = "label-" + l.TrackingNumber
		}
		f.SourceURL = l.LabelURL
		found = added(found, f)
	}
	for _, f := range documents {
		found = added(found, f)
	}
	return found
}

// added is the list with what it does not have yet.
func added(found []Found, f Found) []Found {
	same := func(other Found) bool { return f.SourceURL != "" && other.SourceURL == f.SourceURL }
	if len(found) >= most || slices.ContainsFunc(found, same) {
		return found
	}
	for _, other := range found {
		if other.Kind == f.Kind && other.Name == f.Name && other.TrackingNumber == f.TrackingNumber {
			f.Part++
		}
	}
	return append(found, f)
}

// contentOf is the content of the document that was kept at a place, which may be another place in the answer.
func contentOf(answer provider.Answer, after int, kept fulfillment.Document) []byte {
	for _, d := range answer.Documents[min(after, len(answer.Documents)):] {
		one := fulfillment.Attachments{Documents: []fulfillment.Document{d.Document}}.Bounded()
		if len(one.Documents) == 1 && one.Documents[0] == kept {
			return d.Content
		}
	}
	return nil
}

// Hold gives the document a content that its provider has given, if it can be kept.
func (f *Found) Hold(content []byte) {
	mediaType, err := mediaTypeOf(content, f.MediaType)
	if err != nil {
		f.Problem = "The document that " + f.Provider + " has given can't be kept: " + err.Error() + "."
		return
	}
	f.Content, f.MediaType = content, mediaType
}
