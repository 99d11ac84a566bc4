package delivery

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// TestLongAnswers to questions are read whole, as many at once as there are places for; one that is too long is none.
func TestLongAnswers(t *testing.T) {
	t.Parallel()
	uri, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		status, _ := strconv.Atoi(r.URL.Query().Get("status"))
		length, _ := strconv.Atoi(r.URL.Query().Get("length"))
		w.WriteHeader(status)
		_, _ = io.WriteString(w, strings.Repeat("x", length))
	})
	c := newCaller(t, anywhere, Options{Timeout: MaxTimeout})
	get := func(status, length int) Result {
		return c.Get(t.Context(), uri+"?status="+strconv.Itoa(status)+"&length="+strconv.Itoa(length), http.Header{})
	}
	if r := get(200, maxAnswer); !r.OK() || len(r.Answer) != maxAnswer || r.leave != nil {
		t.Errorf("a short answer has %d bytes, %v", len(r.Answer), r.Err)
	}
	var held []Result
	for range longAtOnce {
		held = append(held, get(200, maxLong))
	}
	for _, r := range held {
		if !r.OK() || len(r.Answer) != maxLong {
			t.Errorf("a long answer has %d bytes, %v", len(r.Answer), r.Err)
		}
	}
	if away := new(AwayError); !errors.As(get(200, maxAnswer+1).Err, &away) {
		t.Error("one more than there are places for is read")
	}
	for _, r := range held {
		r.Done()
		r.Done()
	}
	for range longAtOnce + 1 {
		r := get(200, maxLong+1)
		if r.OK() || r.Err.Error() != "the answer has more than 4 MiB" || len(r.Answer) > keptAnswer {
			t.Errorf("an answer that is too long has %d bytes, %v", len(r.Answer), r.Err)
		}
	}
	if r := get(500, maxLong); r.OK() || r.Err != nil || len(r.Answer) > keptAnswer || len(c.long) != 0 {
		t.Errorf("a failure has %d bytes, %v", len(r.Answer), r.Err)
	}
}
