package easypost

import (
	"fmt"
	"reflect"
	"testing"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
)

func TestOuncesAreRoundedUp(t *testing.T) {
	t.Parallel()
	for grams, want := range map[int]string{
		0: "0.0", 1: "0.1", 2: "0.1", 3: "0.2", 28: "1.0", 29: "1.1", 437: "15.5", 1000: "35.3", 2_000_000: "70548.0",
	} {
		if got := string(ounces(grams)); got != want {
			t.Errorf("%d g are %s oz, want %s", grams, got, want)
		}
	}
}

func line(id fulfillment.ID, grams, quantity int) provider.RequestLine {
	return provider.RequestLine{LineID: id, Grams: grams, Quantity: quantity}
}

func TestPack(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		options Options
		lines   []provider.RequestLine
		want    string // units and weight of each parcel
		reason  fulfillment.RejectionReason
		blamed  []fulfillment.ID
	}{
		"one_parcel": {Options{PackagingGrams: 50}, []provider.RequestLine{line(1, 200, 2), line(2, 30, 1)},
			"[{1 2} {2 1}] 480;", "", nil},
		"several": {Options{MaxParcelGrams: 500, PackagingGrams: 50},
			[]provider.RequestLine{line(1, 200, 3), line(2, 30, 1)}, "[{1 2}] 450;[{1 1} {2 1}] 280;", "", nil},
		"just_fits": {Options{MaxParcelGrams: 400}, []provider.RequestLine{line(1, 200, 2), line(2, 400, 1)},
			"[{1 2}] 400;[{2 1}] 400;", "", nil},
		"weight_of_the_service": {Options{DefaultGrams: 100}, []provider.RequestLine{line(1, 0, 2), line(2, 5, 1)},
			"[{1 2} {2 1}] 205;", "", nil},
		"without_a_weight": {Options{}, []provider.RequestLine{line(1, 0, 2), line(2, 5, 1)}, "",
			incorrectProduct, []fulfillment.ID{1}},
		"unit_too_heavy": {Options{MaxParcelGrams: 500, PackagingGrams: 50}, []provider.RequestLine{line(1, 451, 1)},
			"", tooLarge, []fulfillment.ID{1}},
		"too_many_parcels": {Options{MaxParcelGrams: 10}, []provider.RequestLine{line(1, 10, 41)}, "", tooLarge, nil},
		"too_much":         {Options{}, []provider.RequestLine{line(1, 1_000_000, 1<<40)}, "", tooLarge, nil},
		"nothing":          {Options{}, nil, "", incorrectProduct, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			parcels, no := pack(test.lines, test.options)
			got := ""
			for i, p := range parcels {
				got += fmt.Sprintf("%v %d;", p.Units, p.Grams)
				if p.Number != i+1 {
					t.Errorf("parcel %d has the number %d", i, p.Number)
				}
			}
			if got != test.want || (no == nil) != (test.reason == "") {
				t.Fatalf("packed %q, %+v; want %q", got, no, test.want)
			}
			if no != nil {
				var blamed []fulfillment.ID
				for _, l := range no.Lines {
					blamed = append(blamed, l.LineID)
				}
				if no.Outcome != fulfillment.OutcomeRejected || no.Reason != test.reason || no.Message == "" ||
					!reflect.DeepEqual(blamed, test.blamed) {
					t.Errorf("rejected: %+v", no)
				}
			}
		})
	}
}
