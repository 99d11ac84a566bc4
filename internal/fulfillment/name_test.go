package fulfillment

import "testing"

func TestHandle(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Ship Co":              "ship-co",
		"Bikes & Co.":          "bikes-co",
		"Éclair Straße Øst":    "eclair-strasse-ost",
		"snake_case 24/7!!":    "snake_case-24-7",
		"Łódź  --  Ærø":        "lodz-aero",
		"Ship\u00a0Co (Paris)": "ship-co-paris",
		"倉庫":                   "",
	} {
		if got := Handle(name); got != want {
			t.Errorf("Handle(%q) = %q, want %q", name, got, want)
		}
	}
}
