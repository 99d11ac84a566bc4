package easyposttest_test

import (
	"encoding/json"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"packhorse/internal/provider/easypost/easyposttest"
)

const recordings = "../../../../../shared/data/providers/easypost/"

// fieldsOf are the paths of all fields of a value that are no lists or objects themselves.
func fieldsOf(value any, at string, into map[string]bool) map[string]bool {
	switch v := value.(type) {
	case map[string]any:
		for name, of := range v {
			if name != "verifications" && name != "options" { // What was asked for, and what it says of an address.
				fieldsOf(of, at+"."+name, into)
			}
		}
	case []any:
		for _, item := range v {
			fieldsOf(item, at+"[]", into)
		}
	default:
		into[at] = true
	}
	return into
}

// TestFakeLooksLikeTheRecordings: a shipment has the fields that the real one has, before and after it is bought.
func TestFakeLooksLikeTheRecordings(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(recordings + "go/TestShipmentBuy.yaml")
	if os.IsNotExist(err) {
		t.Skip("the recordings are not at hand")
	}
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Interactions []struct {
			Request  struct{ Body string }
			Response struct {
				Body string
				Code int
			}
		}
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	server := easyposttest.New(t)
	call := func(path, body string) (int, map[string]any) {
		request, err := http.NewRequestWithContext(
			t.Context(), http.MethodPost, server.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		request.SetBasicAuth(easyposttest.Key, "")
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		var answer map[string]any
		if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
			t.Fatal(err)
		}
		return response.StatusCode, answer
	}
	path, body := "/shipments", file.Interactions[0].Request.Body
	for i, recorded := range file.Interactions {
		status, answer := call(path, body)
		if status != recorded.Response.Code {
			t.Errorf("call %d is answered %d, recorded %d", i+1, status, recorded.Response.Code)
		}
		var want any
		if err := json.Unmarshal([]byte(recorded.Response.Body), &want); err != nil {
			t.Fatal(err)
		}
		has, wants := fieldsOf(answer, "", map[string]bool{}), fieldsOf(want, "", map[string]bool{})
		var missing, extra []string
		for field := range wants {
			if !has[field] && !strings.HasPrefix(field, ".messages") && !strings.HasPrefix(field, ".customs_info") {
				missing = append(missing, field)
			}
		}
		for field := range has {
			if !wants[field] && !strings.HasPrefix(field, ".customs_info") {
				extra = append(extra, field)
			}
		}
		slices.Sort(missing)
		slices.Sort(extra)
		if len(missing)+len(extra) > 0 {
			t.Errorf("call %d lacks %v, and has besides %v", i+1, missing, extra)
		}
		rates := answer["rates"].([]any)
		chosen, err := json.Marshal(map[string]any{"rate": rates[2]})
		if err != nil {
			t.Fatal(err)
		}
		path, body = "/shipments/"+answer["id"].(string)+"/buy", string(chosen)
	}
	if status, answer := call(path, body); status != 422 ||
		answer["error"].(map[string]any)["code"] != "SHIPMENT.POSTAGE.EXISTS" || server.Labels() != 1 {
		t.Errorf("bought twice: %d %v, %d labels", status, answer, server.Labels())
	}
}
