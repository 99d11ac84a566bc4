package inbox_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"packhorse/internal/fulfillment"
	"packhorse/internal/news"
)

// shelf is a store that has one service, and keeps what comes unless it is away.
type shelf struct {
	mu   sync.Mutex
	away bool
	kept []news.Delivery
}

func (s *shelf) ServiceNamed(_ context.Context, name string) (*fulfillment.Service, error) {
	if name != "7" && name != "north" {
		return nil, nil
	}
	service := &fulfillment.Service{ID: 7, Provider: courierID}
	return service, nil
}

func (s *shelf) ServiceDeleted(_ context.Context, provider, name string) (bool, error) {
	return provider == courierID && name == "6", nil
}

func (s *shelf) KeepDelivery(_ context.Context, d news.Delivery) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.away {
		return false, errAway
	}
	for _, k := range s.kept {
		if k.Key == d.Key {
			return true, nil
		}
	}
	s.kept = append(s.kept, d)
	return false, nil
}

func (s *shelf) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.kept)
}

// TestDoor: what the system of a service has signed is stored and then answered with 204, again as well; whatever else
// comes is a problem that says what to do, and nothing is stored.
func TestDoor(t *testing.T) {
	t.Parallel()
	body := []byte(`[{"id":"evt_1"}]`)
	signed := http.Header{signature: {sign(body)}, "X-Message": {"m1"}}
	with := func(name, value string) http.Header {
		h := signed.Clone()
		h.Set(name, value)
		return h
	}
	large := bytes.Repeat([]byte(" "), news.MaxBody+1)
	for name, test := range map[string]struct {
		method, path string
		header       http.Header
		body         []byte
		away         bool
		status       int
		retry        string
		kept         int
	}{
		"signed":              {"POST", "/providers/courier/7", signed, body, false, 204, "", 1},
		"by_handle":           {"POST", "/providers/courier/north", signed, body, false, 204, "", 1},
		"with_more_of_a_path": {"POST", "/providers/courier/north/events", signed, body, false, 204, "", 1},
		"forged":              {"POST", "/providers/courier/7", with(signature, sign([]byte("x"))), body, false, 401, "", 0},
		"unsigned":            {"POST", "/providers/courier/7", nil, body, false, 401, "", 0},
		"nobody_can_tell":     {"POST", "/providers/courier/7", with("X-Nobody-Knows", "1"), body, false, 503, "7", 0},
		"not_stored":          {"POST", "/providers/courier/7", signed, body, true, 503, "30", 0},
		"too_large":           {"POST", "/providers/courier/7", signed, large, false, 413, "", 0},
		"no_such_provider":    {"POST", "/providers/nobody/7", signed, body, false, 404, "", 0},
		"no_such_service":     {"POST", "/providers/courier/8", signed, body, false, 404, "", 0},
		"deleted_service":     {"POST", "/providers/courier/6", signed, body, false, 410, "", 0},
		"not_sent":            {"GET", "/providers/courier/7", signed, nil, false, 405, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := &shelf{away: test.away}
			server := httptest.NewServer(door(t, store, new(courier)))
			defer server.Close()
			for range 2 {
				status, header, answer := request(t, test.method, server.URL+test.path, test.header.Clone(), test.body)
				if status != test.status || header.Get("Retry-After") != test.retry || store.count() != test.kept {
					t.Errorf("%d %v %s, %d kept", status, header, answer, store.count())
				}
				if status == http.StatusNoContent {
					continue
				}
				var problem struct {
					Status        int
					Title, Detail string
				}
				if err := json.Unmarshal([]byte(answer), &problem); err != nil || problem.Status != status ||
					problem.Detail == "" || header.Get("Content-Type") != "application/problem+json" {
					t.Errorf("it is answered %s, %v", answer, err)
				}
				if strings.Contains(answer, "secret") {
					t.Errorf("it tells %s", answer)
				}
			}
		})
	}
}

// TestKeptHeaders: of a header is kept what is needed to read the body, and no signature, secret or address.
func TestKeptHeaders(t *testing.T) {
	t.Parallel()
	body := []byte(`[]`)
	store := new(shelf)
	server := httptest.NewServer(door(t, store, new(courier)))
	defer server.Close()
	status, _, answer := request(t, http.MethodPost, server.URL+"/providers/courier/7", http.Header{
		signature: {sign(body)}, "X-Message": {"m1"}, "X-Shipbob-Topic": {"order_shipped"}, "Webhook-Id": {"msg_1"},
		"Content-Type": {"application/json"}, "X-Forwarded-For": {"192.0.2.1"}, "X-Real-Ip": {"192.0.2.1"},
		"X-Api-Key": {"k"}, "X-Auth-Token": {"k"}, "Authorization": {"Basic x"}, "Cookie": {"x=1"},
		"Webhook-Signature": {"v1,x"}, "X-Hmac-Sha256": {"x"},
	}, body)
	if status != http.StatusNoContent {
		t.Fatalf("it is answered %d %s", status, answer)
	}
	kept := store.kept[0].Header
	want := []string{"X-Message", "X-Shipbob-Topic", "Webhook-Id", "Content-Type"}
	for _, name := range want {
		if len(kept[name]) != 1 {
			t.Errorf("%s is not kept: %v", name, kept)
		}
	}
	if len(kept) != len(want) {
		t.Errorf("kept are %v", kept)
	}
}
