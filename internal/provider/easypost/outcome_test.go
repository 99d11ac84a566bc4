package easypost

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
)

// TestOutcomes is the table of what becomes of what came, row by row, for each kind of call. The answers come over real
// HTTP.
func TestOutcomes(t *testing.T) {
	t.Parallel()
	const look, retry, unknown, permanent = "look", string(provider.Retryable), string(provider.UnknownOutcome), string(provider.Permanent)
	type wants = map[operation]string
	all := func(want string) wants {
		return wants{opCreate: want, opBuy: want, opRefund: want, opAsk: want}
	}
	doubt := wants{opCreate: retry, opBuy: unknown, opRefund: retry, opAsk: retry}
	refused := func(reason fulfillment.RejectionReason) wants {
		return wants{opCreate: string(reason), opBuy: string(reason)}
	}
	body := func(code string) string { return `{"error":{"code":"` + code + `","message":"Words.","errors":[]}}` }
	field := func(field string) string {
		return `{"error":{"code":"PARAMETER.INVALID","message":"Words.","errors":[{"field":"` + field + `","message":"is bad"}]}}`
	}
	for name, row := range map[string]struct {
		status int
		body   string
		abroad bool
		wants  wants
	}{
		"500":                     {500, "oops", false, doubt},
		"502":                     {502, "<html>", false, doubt},
		"503":                     {503, "", false, doubt},
		"504":                     {504, body("GATEWAY"), false, doubt},
		"408":                     {408, "", false, doubt},
		"no_response":             {422, body("SHIPMENT.POSTAGE.NO_RESPONSE"), false, doubt},
		"429":                     {429, body("RATE_LIMITED"), false, all(retry)},
		"401":                     {401, body("UNAUTHORIZED"), false, all(permanent)},
		"402":                     {402, body("PAYMENT_REQUIRED"), false, all(permanent)},
		"403":                     {403, body("APIKEY.INACTIVE"), false, all(permanent)},
		"mode":                    {422, body("MODE.CONFLICT"), false, all(permanent)},
		"key_with_another_status": {400, body("APIKEY.MISSING"), false, all(permanent)},
		"bought":                  {422, body("SHIPMENT.POSTAGE.EXISTS"), false, all(look)},
		"bought_another_status":   {400, body("SHIPMENT.POSTAGE.EXISTS"), false, all(look)},
		"being_bought":            {409, body("SHIPMENT.PURCHASE.IN_PROGRESS"), false, all(look)},
		"address":                 {422, body("ADDRESS.VERIFY.FAILURE"), false, refused(incorrectAddress)},
		"address_detail": {422, `{"error":{"code":"UNPROCESSABLE_ENTITY","message":"m","errors":[{"code":"E.ADDRESS.NOT_FOUND"}]}}`,
			false, refused(incorrectAddress)},
		"to_address":       {422, field("shipment.to_address.zip"), false, refused(incorrectAddress)},
		"from_address":     {422, field("shipment.from_address.zip"), false, all2(permanent)},
		"address_checker":  {503, body("ADDRESS.VERIFY.UNAVAILABLE"), false, wants{opCreate: retry}},
		"address_upstream": {422, body("ADDRESS.VERIFY.UPSTREAM_UNAVAILABLE"), false, wants{opCreate: retry}},
		"no_rates":         {422, body("SHIPMENT.RATES.UNAVAILABLE"), false, refused(undeliverable)},
		"no_rates_abroad":  {422, body("SHIPMENT.RATES.UNAVAILABLE"), true, refused(notAbroad)},
		"customs":          {422, body("SHIPMENT.CUSTOMS_INFO.REQUIRED"), true, refused(missingCustomsInfo)},
		"customs_item":     {422, body("CUSTOMS_ITEM.ORIGIN_COUNTRY.REQUIRED"), true, refused(missingCustomsInfo)},
		"parcel":           {422, body("PARCEL.PARAMETERS.INVALID"), false, refused(incorrectProduct)},
		"container":        {422, body("CONTAINER.TYPE.INVALID"), false, refused(incorrectProduct)},
		"parcel_too_large": {422, `{"error":{"code":"PARCEL.PARAMETERS.INVALID","message":"Weight exceeds 70 lb."}}`,
			false, refused(tooLarge)},
		"other":          {422, body("SHIPMENT.POSTAGE.FAILURE"), false, all2(permanent)},
		"unknown_code":   {418, body("SOMETHING.NEW"), false, all2(permanent)},
		"redirect":       {302, "", false, all2(permanent)},
		"refund_refused": {422, body("SHIPMENT.REFUND.FAILURE"), false, wants{opRefund: "REJECTED"}},
		"refund_silent":  {422, body("REFUND.NO_RESPONSE"), false, wants{opRefund: retry}},
		"no_json":        {200, "<html>", false, doubt},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(row.status)
				_, _ = w.Write([]byte(row.body))
			}))
			t.Cleanup(server.Close)
			c := client{http: &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error {
				return http.ErrUseLastResponse
			}}, base: server.URL, key: "k", now: time.Now}
			var answer struct{}
			err := c.call(t.Context(), http.MethodPost, "/x", map[string]any{}, &answer)
			for op, want := range row.wants {
				v := judge(op, err, row.abroad)
				got := look
				switch {
				case v.answer != nil && op == opRefund:
					got = string(v.answer.Outcome)
				case v.answer != nil:
					got = string(v.answer.Reason)
				case v.err != nil:
					got = string(v.err.Class)
				}
				if got != want {
					t.Errorf("%s: %s, want %s (%v)", op, got, want, err)
				}
			}
		})
	}
}

// all2 is for what EasyPost refuses without blame on the order: everything but a refund, which it just refuses.
func all2(want string) map[operation]string {
	return map[operation]string{opCreate: want, opBuy: want, opAsk: want}
}

// TestNothingSentIsRetried: where no connection was made, nothing can have been bought.
func TestNothingSentIsRetried(t *testing.T) {
	t.Parallel()
	c := client{http: &http.Client{}, base: "http://127.0.0.1:1/v2", key: "k", now: time.Now}
	_, err := c.buy(t.Context(), "shp_1", "rate_1")
	if v := judge(opBuy, err, false); v.err == nil || v.err.Class != provider.Retryable {
		t.Errorf("a refused connection: %+v", v)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = c.buy(ctx, "shp_1", "rate_1")
	if v := judge(opBuy, err, false); v.err == nil || v.err.Class != provider.Retryable || !errors.Is(v.err, context.Canceled) {
		t.Errorf("a caller that is gone: %+v", v)
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	for header, want := range map[string]time.Duration{
		"": 0, "7": 7 * time.Second, "-3": 0, "soon": 0, "Wed, 04 Mar 2026 05:07:07 GMT": time.Minute,
	} {
		if got := retryAfter(header, now); got != want {
			t.Errorf("%q: %s, want %s", header, got, want)
		}
	}
	v := judge(opBuy, &apiError{Status: 429, RetryAfter: 9 * time.Second}, false)
	if v.err.RetryAfter != 9*time.Second {
		t.Errorf("EasyPost asked for 9 s, and gets %s", v.err.RetryAfter)
	}
	if v := judge(opBuy, &apiError{Status: 429}, false); v.err.RetryAfter < 2*time.Second || v.err.RetryAfter > 6*time.Second {
		t.Errorf("it asked for nothing, and gets %s", v.err.RetryAfter)
	}
}

// TestOddErrorsAreRead: EasyPost's errors come in several shapes, and none loses its words.
func TestOddErrorsAreRead(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"error":{"code":"NOT_FOUND","message":"No.","errors":["Plain text."]}}`:        "EasyPost answers 422: NOT_FOUND: No.; Plain text.",
		`{"error":{"code":"C","message":["One.","Two."],"errors":[]}}`:                   "EasyPost answers 422: C: One.; Two.",
		`{"error":{"code":"C","message":{"b":["x"],"a":"y"},"errors":null}}`:             "EasyPost answers 422: C: a y; b x",
		`{"error":{"code":7,"message":null,"errors":[{"field":"zip","message":"bad"}]}}`: "EasyPost answers 422: 7: zip bad",
		`{"error":"text"}`: "EasyPost answers 422: Unprocessable Entity",
		`[]`:               "EasyPost answers 422: Unprocessable Entity",
	} {
		e := readError(&http.Response{StatusCode: 422, Header: http.Header{}}, []byte(body), time.Now())
		if e.Error() != want {
			t.Errorf("%s is read as %q, want %q", body, e.Error(), want)
		}
	}
}
