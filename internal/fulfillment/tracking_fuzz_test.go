package fulfillment

import (
	"net/url"
	"strings"
	"testing"
)

// FuzzTracking gives any tracking, with a number and a URL on each line: it is refused plainly, or each URL is a web
// address that PostgreSQL can keep, and whatever the number is, it stays inside of its carrier's page.
func FuzzTracking(f *testing.F) {
	for company := range carrierURLs {
		f.Add(company, "1Z 999/AA?#&%25", "", "")
	}
	f.Add("DHL", "1\n2\n\n3", "https://example.com/1\nhttp://[::1]:80/x", "")
	f.Add(" ups ", "\x00", "javascript:alert(1)\n//host\nhttps://\xff/\nhttps://a\u0000b", "../../{}")
	f.Add("Nobody", strings.Repeat("1\n", 101), "", "x")
	f.Add("GLS", "{}", "", "{}{}")
	f.Fuzz(func(t *testing.T, company, numbers, urls, number string) {
		in := TrackingInput{
			Company: company, Number: number, Numbers: strings.Split(numbers, "\n"), URLs: strings.Split(urls, "\n"),
		}
		infos, refused := in.infos("trackingInfo")
		if refused != nil {
			if refused.Message == "" || len(refused.Field) == 0 || infos != nil {
				t.Fatalf("%+v: refused with %+v", in, refused)
			}
			return
		}
		if len(infos) == 0 || len(infos) > maxTracking {
			t.Fatalf("%+v became %d tracking numbers", in, len(infos))
		}
		for _, info := range infos {
			if strings.ContainsRune(info.Company+info.Number+info.URL, 0) {
				t.Fatalf("%+q has a NUL", info)
			}
			if info.URL == "" {
				continue
			}
			u, err := url.Parse(info.URL)
			if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
				t.Fatalf("%+q: no web address: %v", info, err)
			}
			page := carrierURLs[strings.ToLower(strings.TrimSpace(company))]
			if strings.Contains(urls, info.URL) || page == "" {
				continue
			}
			before, after, _ := strings.Cut(page, "{}")
			escaped := strings.TrimSuffix(strings.TrimPrefix(info.URL, before), after)
			if plain, err := url.PathUnescape(escaped); err != nil || plain != info.Number ||
				strings.ContainsAny(escaped, "/?#& ") {
				t.Fatalf("%+q: the number can't be read from the carrier's page %s", info, page)
			}
		}
	})
}
