package carrier_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"

	"packhorse/internal/carrier"
)

// data is beside the repository; its tests are skipped where it is not at hand.
const data = "../../../shared/data/providers/"

func read(t *testing.T, name string, into any) {
	t.Helper()
	text, err := os.ReadFile(data + name)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("there is no %s beside the repository", name)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatal(err)
	}
}

// courierOf is the courier of a format as the samples name it.
func courierOf(format string) string {
	courier, _, _ := strings.Cut(format, "/")
	return courier
}

func couriers(number string) []string {
	list := []string{}
	for _, m := range carrier.Detect(number) {
		list = append(list, m.Courier)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// TestSamples: every valid number is of its courier, every invalid one of none that it is not said to fit, and one that
// fits two couriers is said to fit both.
func TestSamples(t *testing.T) {
	t.Parallel()
	var samples []struct {
		Number  string
		Of      string
		Valid   bool
		Formats []string
	}
	read(t, "tracking-numbers-samples.json", &samples)
	valid, invalid := 0, 0
	for _, s := range samples {
		want := []string{}
		for _, f := range s.Formats {
			want = append(want, courierOf(f))
		}
		if s.Valid && len(want) == 0 { // One that the suffix after a hyphen belongs to.
			want = append(want, courierOf(s.Of))
		}
		slices.Sort(want)
		want = slices.Compact(want)
		got := couriers(s.Number)
		if !slices.Equal(got, want) {
			t.Errorf("%q fits %v, not %v", s.Number, got, want)
		}
		if len(want) > 1 && carrier.Propose(s.Number) != "" {
			t.Errorf("%q fits %v, and %q is proposed", s.Number, want, carrier.Propose(s.Number))
		}
		if s.Valid {
			valid++
		} else {
			invalid++
		}
	}
	if valid != 192 || invalid != 88 {
		t.Errorf("there were %d valid and %d invalid ones", valid, invalid)
	}
}

// TestPropose: a carrier is proposed when the numbers leave no doubt.
func TestPropose(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rule    string
		numbers []string
		want    string
	}{
		{"a check digit that is right", []string{"1Z5R89390357567127"}, "UPS"},
		{"small letters and separators", []string{" 1z5r8939-0357.567127 "}, "UPS"},
		{"a check digit that is wrong", []string{"1Z5R89390357567128"}, ""},
		{"a shape without a check digit", []string{"GFUS01012345678901"}, ""},
		{"any 14 digits", []string{"12345678901234"}, ""},
		{"two couriers with a check digit", []string{"78045768393"}, ""},
		{"a barcode with where the parcel goes", []string{"420221539101026837331000039521"}, "USPS"},
		{"an SSCC, which any carrier has", []string{"00340434161094042557"}, ""},
		{"an SSCC with separators", []string{"00 340434 161094 042557"}, ""},
		{"an SSCC whose check digit is wrong", []string{"00340434161094042558"}, ""},
		{"an SSCC that fits USPS without the 91", []string{"00340434161094042559"}, ""},
		{"one of several is an SSCC", []string{"03071790000523483741", "00340434161094042557"}, ""},
		{"20 digits that are no SSCC", []string{"03071790000523483741"}, "USPS"},
		{"a post that Shopify has a name for", []string{"RB123456785GB"}, "Royal Mail"},
		{"a post that it has none for", []string{"RB123456785XX"}, ""},
		{"a country's post without a name there", []string{"RB123456785PL"}, ""},
		{"several numbers of one carrier", []string{"1Z5R89390357567127", "1Z5R89390357567127"}, "UPS"},
		{"numbers of two carriers", []string{"1Z5R89390357567127", "RB123456785GB"}, ""},
		{"one of several says nothing", []string{"1Z5R89390357567127", "7"}, ""},
		{"two numbers in one text", []string{"1Z5R89390357567127, 1Z5R89390357567127"}, ""},
		{"figures that are none of ASCII", []string{"1Z5R8939035756712７"}, ""},
		{"nothing", []string{""}, ""},
		{"no numbers", nil, ""},
		{"a text of any length", []string{strings.Repeat("9", 1<<20)}, ""},
	} {
		t.Run(c.rule, func(t *testing.T) {
			t.Parallel()
			if got := carrier.Propose(c.numbers...); got != c.want {
				t.Errorf("%q is proposed, not %q", got, c.want)
			}
		})
	}
}

// companies are the names of Shopify's list, worldwide and by country.
func companies(t *testing.T) []string {
	t.Helper()
	var names struct {
		Worldwide []string
		ByCountry map[string][]string
	}
	read(t, "shopify-tracking-companies.json", &names)
	all := names.Worldwide
	for _, list := range names.ByCountry {
		all = append(all, list...)
	}
	return all
}

// TestNames: carriers are spelled as Shopify does, which compares letter by letter.
func TestNames(t *testing.T) {
	t.Parallel()
	all := companies(t)
	for _, name := range carrier.Companies() {
		if !slices.Contains(all, name) {
			t.Errorf("%s is not in the list", name)
		}
	}
}

func FuzzDetect(f *testing.F) {
	for _, seed := range []string{"1Z5R89390357567127", "RB123456785GB", "", "-", " . "} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, number string) {
		for _, m := range carrier.Detect(number) {
			if m.Courier == "" || m.Name == "" {
				t.Errorf("%q fits a format without a name", number)
			}
		}
		lower, upper := strings.ToLower(number), strings.ToUpper(number)
		if again := strings.ToUpper(lower); again != upper {
			return // Some letter has no way back from its other case.
		}
		if other := carrier.Propose(" " + lower); other != carrier.Propose(number) {
			t.Errorf("%q is %q, and %q in other letters", number, carrier.Propose(number), other)
		}
	})
}
