package fulfillment

import (
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestBounded is what is kept of an answer's attachments, and what is cut.
func TestBounded(t *testing.T) {
	t.Parallel()
	label := Label{
		TrackingNumber: "1Z9", TrackingURL: "https://carrier.example/1Z9", LabelURL: "https://a.example/1?sign=abc"}
	document := Document{
		Kind: DocumentInvoice, Name: "a.pdf", ContentType: "application/pdf", URL: "https://a.example/a.pdf"}
	long := strings.Repeat("x", 9999)
	type data = map[string]any
	labels := func(l ...Label) Attachments { return Attachments{Labels: l} }
	documents := func(d ...Document) Attachments { return Attachments{Documents: d} }
	numberOnly := labels(Label{TrackingNumber: "1"})
	withURL := func(url string) Attachments { return labels(Label{TrackingNumber: "1", LabelURL: url}) }
	largeLabel := Label{LabelURL: "https://a.example/" + long[:2000]}
	largeDocument := Document{Name: "a", URL: "https://a.example/" + long[:2000]}
	everything := Attachments{Labels: []Label{label}, Documents: []Document{document},
		Data: data{"shipment": "shp_1", "parcels": []any{1.5, nil, true}}}

	for name, test := range map[string]struct{ said, kept Attachments }{
		"nothing":   {},
		"all_of_it": {everything, everything},
		"empty_lists_are_nothing": {
			Attachments{Labels: []Label{}, Documents: []Document{}, Data: data{}}, Attachments{}},

		"label_that_says_nothing": {labels(Label{}, label, Label{TrackingURL: "no URL"}), labels(label)},
		"number_is_cut":           {labels(Label{TrackingNumber: long}), labels(Label{TrackingNumber: long[:255]})},
		"text_that_can't_be_kept": {
			labels(Label{TrackingNumber: "a\x00b\xff"}), labels(Label{TrackingNumber: "ab\uFFFD"})},
		"url_that_is_too_long": {withURL("https://a.example/" + long), numberOnly},
		"url_with_a_password":  {withURL("https://me:secret@a.example/1"), numberOnly},
		"url_of_another_kind":  {withURL("javascript:alert(1)"), numberOnly},
		"url_with_a_nul":       {withURL("https://a.example/\x00"), numberOnly},

		"document_without_a_name": {
			documents(Document{Kind: DocumentLabel, URL: label.LabelURL}, document), documents(document)},
		"document_without_a_url": {documents(Document{Name: "a.pdf"}), documents(Document{Name: "a.pdf"})},

		"more_labels_than_fit": {
			labels(slices.Repeat([]Label{label}, 60)...), labels(slices.Repeat([]Label{label}, 50)...)},
		"labels_of_too_many_bytes": {
			labels(slices.Repeat([]Label{largeLabel}, 9)...), labels(slices.Repeat([]Label{largeLabel}, 6)...)},
		"documents_of_too_many_bytes": {
			documents(slices.Repeat([]Document{largeDocument}, 9)...),
			documents(slices.Repeat([]Document{largeDocument}, 3)...)},

		"data_that_does_not_fit": {
			Attachments{Data: data{"a": long, "b": 1, "c": long[:4000], "d": long[:200]}},
			Attachments{Data: data{"b": 1.0, "c": long[:4000]}}},
		"data_that_is_no_json": {
			Attachments{Data: data{"a": func() {}, "b": math.NaN(), "c": make(chan int), "d": "kept"}},
			Attachments{Data: data{"d": "kept"}}},
		"data_as_it_is_read_back": {
			Attachments{Data: data{"a": 1, "b": time.Duration(2), "c": []int{3}, "d": Label{TrackingNumber: "4"}}},
			Attachments{Data: data{"a": 1.0, "b": 2.0, "c": []any{3.0}, "d": data{"trackingNumber": "4"}}}},
		"secrets": {
			Attachments{Data: data{"apiKey": "k", "Password": "p", "access_token": "t",
				"login": data{"client-secret": "s", "user": "u"}, "list": []any{data{"X-Api-Key": 1}}}},
			Attachments{Data: data{"login": data{"user": "u"}, "list": []any{data{}}}}},
		"nul_in_data": {
			Attachments{Data: data{"a\x00": "b\x00", "c": []any{"\x00d"}}},
			Attachments{Data: data{"a": "b", "c": []any{"d"}}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kept := test.said.Bounded()
			if !reflect.DeepEqual(kept, test.kept) {
				t.Errorf("kept %+v, want %+v", kept, test.kept)
			}
			if again := kept.Bounded(); !reflect.DeepEqual(again, kept) {
				t.Errorf("bounded again it is %+v", again)
			}
			body, err := json.Marshal(kept)
			if err != nil || len(body) > maxLabelBytes+maxDocumentBytes+maxDataBytes+200 {
				t.Errorf("%d bytes, %v", len(body), err)
			}
			var read Attachments
			if err := json.Unmarshal(body, &read); err != nil || !reflect.DeepEqual(read, kept) {
				t.Errorf("%v: read back as %+v", err, read)
			}
		})
	}
}

func withLabel(cmd *ProviderAnswer, number string) *ProviderAnswer {
	cmd.Labels, cmd.Data = []Label{{TrackingNumber: number}}, map[string]any{"shipment": "shp_" + number}
	return cmd
}

func attachedTo(t *testing.T, step Transition) string {
	t.Helper()
	if a := step.Details.Attachments; a != nil {
		return a.Labels[0].TrackingNumber
	}
	return ""
}

func labelOf(fo *FulfillmentOrder) string {
	if fo.RequestAttachments == nil {
		return ""
	}
	return fo.RequestAttachments.Labels[0].TrackingNumber
}

// TestAttachmentsAreKept: a label that was bought is found in the state and in the transition, however the answer came.
func TestAttachmentsAreKept(t *testing.T) {
	t.Parallel()
	accepted := done(t, automatedRequest(t), withLabel(answer(OutcomeAccepted), "1"))
	if labelOf(accepted.State) != "1" || attachedTo(t, accepted.Transitions[0]) != "1" ||
		kinds(accepted) != string(KindAccepted) {
		t.Errorf("accepted: %+v, %+v", accepted.State.RequestAttachments, accepted.Transitions)
	}
	if data := accepted.State.RequestAttachments.Data; data["shipment"] != "shp_1" {
		t.Errorf("data %v", data)
	}
	pending := done(t, automatedRequest(t), withLabel(answer(OutcomePending), "1"))
	if labelOf(pending.State) != "1" || attachedTo(t, pending.Transitions[0]) != "1" {
		t.Errorf("pending: %+v", pending.State.RequestAttachments)
	}
	if again := done(t, pending.State, withLabel(answer(OutcomePending), "1")); len(again.Transitions) > 0 {
		t.Errorf("the same news is told again: %s", kinds(again))
	}
	more := done(t, pending.State, withLabel(answer(OutcomePending), "2"))
	if kinds(more) != string(KindProviderPending) || labelOf(more.State) != "2" {
		t.Errorf("another label is no news: %s, %s", kinds(more), labelOf(more.State))
	}
	byHand := done(t, pending.State, &AcceptFulfillmentRequest{}).State
	if labelOf(byHand) != "1" {
		t.Errorf("accepted by the service itself, it has the label %q", labelOf(byHand))
	}
	late := done(t, byHand, withLabel(answer(OutcomeAccepted), "3"))
	if kinds(late) != string(KindProviderLate) || labelOf(late.State) != "3" ||
		attachedTo(t, late.Transitions[0]) != "3" {
		t.Errorf("late: %s, %s", kinds(late), labelOf(late.State))
	}
	if without := done(t, late.State, answer(OutcomeAccepted)).State; labelOf(without) != "3" {
		t.Errorf("an answer without any took them away: %q", labelOf(without))
	}
}

// TestAttachmentsOfOthers: what belongs to a rejection, to a cancellation, or to an earlier request is none of the
// present request's.
func TestAttachmentsOfOthers(t *testing.T) {
	t.Parallel()
	rejected := done(t, automatedRequest(t), withLabel(answer(OutcomeRejected), "1"))
	if labelOf(rejected.State) != "" || attachedTo(t, rejected.Transitions[0]) != "1" {
		t.Errorf("rejected: %+v", rejected.State.RequestAttachments)
	}
	accepted := done(t, automatedRequest(t), withLabel(answer(OutcomeAccepted), "1")).State
	asked := done(t, accepted, &SubmitCancellationRequest{}).State
	stopped := done(t, asked, withLabel(&ProviderAnswer{Key: asked.Effects[0].Key, Outcome: OutcomeRejected}, "2"))
	if labelOf(stopped.State) != "1" || attachedTo(t, stopped.Transitions[0]) != "2" {
		t.Errorf("cancellation: %s in the state, %s in the transition",
			labelOf(stopped.State), attachedTo(t, stopped.Transitions[0]))
	}
	pending := done(t, automatedRequest(t), withLabel(answer(OutcomePending), "1")).State
	refusedOnce := done(t, pending, &RejectFulfillmentRequest{}).State
	if again := done(t, refusedOnce, &SubmitFulfillmentRequest{}).State; labelOf(again) != "" {
		t.Errorf("a new request has the label %s of the one before", labelOf(again))
	}
}
