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
	label := Label{TrackingNumber: "1Z999", TrackingURL: "https://carrier.example/1Z999", LabelURL: "https://labels.example/1.pdf?signature=abc"}
	document := Document{Kind: DocumentInvoice, Name: "invoice.pdf", ContentType: "application/pdf", URL: "https://labels.example/invoice.pdf"}
	long := strings.Repeat("x", 9999)
	for name, test := range map[string]struct{ said, kept Attachments }{
		"nothing": {},
		"all_of_it": {Attachments{Labels: []Label{label}, Documents: []Document{document}, Data: map[string]any{"shipment": "shp_1", "parcels": []any{1.5, nil, true}}},
			Attachments{Labels: []Label{label}, Documents: []Document{document}, Data: map[string]any{"shipment": "shp_1", "parcels": []any{1.5, nil, true}}}},
		"empty_lists_are_nothing": {Attachments{Labels: []Label{}, Documents: []Document{}, Data: map[string]any{}}, Attachments{}},
		"label_that_says_nothing": {Attachments{Labels: []Label{{}, label, {TrackingURL: "no URL"}}}, Attachments{Labels: []Label{label}}},
		"number_is_cut":           {Attachments{Labels: []Label{{TrackingNumber: long}}}, Attachments{Labels: []Label{{TrackingNumber: long[:255]}}}},
		"url_that_is_too_long":    {Attachments{Labels: []Label{{TrackingNumber: "1", LabelURL: "https://a.example/" + long}}}, Attachments{Labels: []Label{{TrackingNumber: "1"}}}},
		"url_with_a_password":     {Attachments{Labels: []Label{{TrackingNumber: "1", LabelURL: "https://me:secret@a.example/1"}}}, Attachments{Labels: []Label{{TrackingNumber: "1"}}}},
		"url_of_another_kind":     {Attachments{Labels: []Label{{TrackingNumber: "1", TrackingURL: "javascript:alert(1)"}}}, Attachments{Labels: []Label{{TrackingNumber: "1"}}}},
		"text_that_can't_be_kept": {Attachments{Labels: []Label{{TrackingNumber: "a\x00b\xff"}}}, Attachments{Labels: []Label{{TrackingNumber: "ab\uFFFD"}}}},
		"document_without_a_name": {Attachments{Documents: []Document{{Kind: DocumentLabel, URL: label.LabelURL}, document}}, Attachments{Documents: []Document{document}}},
		"document_without_a_url":  {Attachments{Documents: []Document{{Kind: DocumentLabel, Name: "label.pdf"}}}, Attachments{Documents: []Document{{Kind: DocumentLabel, Name: "label.pdf"}}}},
		"more_labels_than_fit":    {Attachments{Labels: slices.Repeat([]Label{{TrackingNumber: "1"}}, 60)}, Attachments{Labels: slices.Repeat([]Label{{TrackingNumber: "1"}}, 50)}},
		"labels_of_too_many_bytes": {Attachments{Labels: slices.Repeat([]Label{{LabelURL: "https://a.example/" + long[:2000]}}, 9)},
			Attachments{Labels: slices.Repeat([]Label{{LabelURL: "https://a.example/" + long[:2000]}}, 6)}},
		"documents_of_too_many_bytes": {Attachments{Documents: slices.Repeat([]Document{{Name: "a", URL: "https://a.example/" + long[:2000]}}, 9)},
			Attachments{Documents: slices.Repeat([]Document{{Name: "a", URL: "https://a.example/" + long[:2000]}}, 3)}},
		"data_that_does_not_fit": {Attachments{Data: map[string]any{"a": long, "b": 1, "c": long[:4000], "d": long[:200]}},
			Attachments{Data: map[string]any{"b": 1.0, "c": long[:4000]}}},
		"data_that_is_no_json": {Attachments{Data: map[string]any{"a": func() {}, "b": math.NaN(), "c": make(chan int), "d": "kept"}}, Attachments{Data: map[string]any{"d": "kept"}}},
		"data_as_it_is_read_back": {Attachments{Data: map[string]any{"a": 1, "b": time.Duration(2), "c": []int{3}, "d": Label{TrackingNumber: "4"}}},
			Attachments{Data: map[string]any{"a": 1.0, "b": 2.0, "c": []any{3.0}, "d": map[string]any{"trackingNumber": "4"}}}},
		"secrets": {Attachments{Data: map[string]any{"apiKey": "k", "Password": "p", "access_token": "t", "auth": map[string]any{"client-secret": "s", "user": "u"}, "list": []any{map[string]any{"X-Api-Key": 1}}}},
			Attachments{Data: map[string]any{"auth": map[string]any{"user": "u"}, "list": []any{map[string]any{}}}}},
		"nul_in_data": {Attachments{Data: map[string]any{"a\x00": "b\x00", "c": []any{"\x00d"}}}, Attachments{Data: map[string]any{"a": "b", "c": []any{"d"}}}},
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
	if labelOf(accepted.State) != "1" || attachedTo(t, accepted.Transitions[0]) != "1" || kinds(accepted) != string(KindAccepted) {
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
	if more := done(t, pending.State, withLabel(answer(OutcomePending), "2")); kinds(more) != string(KindProviderPending) || labelOf(more.State) != "2" {
		t.Errorf("another label is no news: %s, %s", kinds(more), labelOf(more.State))
	}
	byHand := done(t, pending.State, &AcceptFulfillmentRequest{}).State
	if labelOf(byHand) != "1" {
		t.Errorf("accepted by the service itself, it has the label %q", labelOf(byHand))
	}
	late := done(t, byHand, withLabel(answer(OutcomeAccepted), "3"))
	if kinds(late) != string(KindProviderLate) || labelOf(late.State) != "3" || attachedTo(t, late.Transitions[0]) != "3" {
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
	asked := done(t, done(t, automatedRequest(t), withLabel(answer(OutcomeAccepted), "1")).State, &SubmitCancellationRequest{}).State
	stopped := done(t, asked, withLabel(&ProviderAnswer{Key: asked.Effects[0].Key, Outcome: OutcomeRejected}, "2"))
	if labelOf(stopped.State) != "1" || attachedTo(t, stopped.Transitions[0]) != "2" {
		t.Errorf("cancellation: %s in the state, %s in the transition", labelOf(stopped.State), attachedTo(t, stopped.Transitions[0]))
	}
	refusedOnce := done(t, done(t, automatedRequest(t), withLabel(answer(OutcomePending), "1")).State, &RejectFulfillmentRequest{}).State
	if again := done(t, refusedOnce, &SubmitFulfillmentRequest{}).State; labelOf(again) != "" {
		t.Errorf("a new request has the label %s of the one before", labelOf(again))
	}
}
