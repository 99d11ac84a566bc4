package admin

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"
)

func TestDateTime(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	MarshalDateTime(time.Date(2026, 2, 28, 15, 45, 1, 999, time.FixedZone("", 7200))).MarshalGQL(&b)
	if got := b.String(); got != `"2026-02-28T13:45:01Z"` {
		t.Errorf("wrote %s", got)
	}
	got, err := UnmarshalDateTime("2026-02-28T15:45:01+02:00")
	if want := time.Date(2026, 2, 28, 13, 45, 1, 0, time.UTC); got != want || err != nil {
		t.Errorf("read %v, %v; want %v", got, err, want)
	}
	for _, v := range []any{"tomorrow", "2026-02-28", 5, nil} {
		if got, err := UnmarshalDateTime(v); err == nil {
			t.Errorf("read %v as %v, want it refused", v, got)
		}
	}
}

func TestDecimal(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in   any
		want string
	}{{"29.90", "29.90"}, {"-1", "-1"}, {json.Number("19.99"), "19.99"}, {int64(5), "5"}, {0.1, "0.1"}} {
		if got, err := UnmarshalDecimal(c.in); got != c.want || err != nil {
			t.Errorf("read %v as %q, %v; want %q", c.in, got, err, c.want)
		}
	}
	for _, v := range []any{"", "1e3", "1,5", ".5", "NaN", true, nil, 1e40} {
		if got, err := UnmarshalDecimal(v); err == nil {
			t.Errorf("read %v as %q, want it refused", v, got)
		}
	}
}

func TestDecimalHasAsFewPlacesAsItCan(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"20.00": `"20.0"`, "20": `"20.0"`, "12.50": `"12.5"`, "-0.05": `"-0.05"`, "100": `"100.0"`, "0.0": `"0.0"`,
		"29.999": `"29.999"`,
	} {
		var b bytes.Buffer
		MarshalDecimal(text).MarshalGQL(&b)
		if got := b.String(); got != want {
			t.Errorf("wrote %s as %s, want %s", text, got, want)
		}
	}
}

func TestTimes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		price string
		units int
		want  string
	}{{"12.50", 3, "37.50"}, {"0.1", 3, "0.3"}, {"5", 2, "10"}, {"12.50", 0, "0.00"}, {"", 4, "0.0"}} {
		if got := times(c.price, c.units); got != c.want {
			t.Errorf("%d × %q = %q, want %q", c.units, c.price, got, c.want)
		}
	}
}
