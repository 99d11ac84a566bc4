package paper

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
)

const pdf = "%PDF-1.7\n"

func document(kind fulfillment.DocumentKind, name, url, content string) provider.Document {
	return provider.Document{
		Document: fulfillment.Document{Kind: kind, Name: name, URL: url}, Content: []byte(content),
	}
}

// TestBrought: each document of an answer is kept once, labels with their parcels' numbers.
func TestBrought(t *testing.T) {
	t.Parallel()
	label := func(number, url string) fulfillment.Label {
		return fulfillment.Label{TrackingNumber: number, LabelURL: url}
	}
	for rule, c := range map[string]struct {
		answer provider.Answer
		want   []string // kind, name, number, URL, content, part
	}{
		"nothing":               {provider.Answer{}, nil},
		"a_label_without_a_url": {provider.Answer{Labels: []fulfillment.Label{label("1", "")}}, nil},
		"a_label_by_its_url": {
			provider.Answer{Labels: []fulfillment.Label{label("1", "https://l.example/1")}},
			[]string{"label label-1 1 https://l.example/1  0"},
		},
		"labels_of_several_parcels": {
			provider.Answer{Labels: []fulfillment.Label{label("1", "https://l.example/1"), label("2", "https://l.example/2")}},
			[]string{"label label-1 1 https://l.example/1  0", "label label-2 2 https://l.example/2  0"},
		},
		"one_file_for_all_parcels": {
			provider.Answer{Labels: []fulfillment.Label{label("1", "https://l.example/1"), label("2", "https://l.example/1")}},
			[]string{"label label-1 1 https://l.example/1  0"},
		},
		"a_label_document_in_place_of_the_url": {
			provider.Answer{
				Labels:    []fulfillment.Label{label("1", "https://l.example/1")},
				Documents: []provider.Document{document("label", "l.pdf", "", pdf)},
			},
			[]string{"label l.pdf 1  " + pdf + " 0"},
		},
		"label_documents_in_order": {
			provider.Answer{
				Labels: []fulfillment.Label{label("1", ""), label("2", "")},
				Documents: []provider.Document{
					document("label", "l", "", pdf+"1"), document("invoice", "i", "https://l.example/i", ""),
					document("label", "l", "", pdf+"2"),
				},
			},
			[]string{
				"label l 1  " + pdf + "1 0", "invoice i  https://l.example/i  0", "label l 2  " + pdf + "2 0",
			},
		},
		"a_form_of_a_label_beside_the_label": {
			provider.Answer{
				Labels:    []fulfillment.Label{label("1", "https://l.example/1")},
				Documents: []provider.Document{document("label", "qr.png", "https://l.example/qr", "")},
			},
			[]string{"label label-1 1 https://l.example/1  0", "label qr.png  https://l.example/qr  0"},
		},
		"a_document_of_the_same_url": {
			provider.Answer{
				Labels:    []fulfillment.Label{label("1", "https://l.example/1")},
				Documents: []provider.Document{document("label", "l.pdf", "https://l.example/1", "")},
			},
			[]string{"label label-1 1 https://l.example/1  0"},
		},
		"of_the_same_name": {
			provider.Answer{Documents: []provider.Document{
				document("invoice", "i", "", pdf+"1"), document("invoice", "i", "", pdf+"2"),
			}},
			[]string{"invoice i   " + pdf + "1 0", "invoice i   " + pdf + "2 1"},
		},
		"neither_content_nor_url": {
			provider.Answer{Documents: []provider.Document{document("invoice", "i", "", "")}},
			[]string{"invoice i    0"},
		},
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, f := range Brought(Document{RequestKey: "key"}, c.answer) {
				got = append(got, strings.Join([]string{
					string(f.Kind), f.Name, f.TrackingNumber, f.SourceURL, string(f.Content),
					string(rune('0' + f.Part)),
				}, " "))
				if f.RequestKey != "key" || f.Problem != "" {
					t.Errorf("%+v", f.Document)
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestBroughtUnfit: a content that is no document is not kept, and it says why.
func TestBroughtUnfit(t *testing.T) {
	t.Parallel()
	found := Brought(Document{Provider: "ship-co"}, provider.Answer{
		Documents: []provider.Document{document("label", "l.pdf", "", "<html>")},
	})
	if len(found) != 1 || found[0].Content != nil || !strings.Contains(found[0].Problem, "ship-co has given can't be kept") {
		t.Errorf("%+v", found)
	}
}
