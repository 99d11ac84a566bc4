package fulfillment

import (
	"encoding/json"
	"testing"
)

func TestIDInJSON(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]ID{
		`912588585936437171`: 912588585936437171, `"912588585936437171"`: 912588585936437171, `null`: 0,
		`"0"`: 0,
	} {
		var id ID
		if err := json.Unmarshal([]byte(text), &id); err != nil || id != want {
			t.Errorf("%s gave %d, %v; want %d", text, id, err, want)
		}
	}
	for _, text := range []string{`1.5`, `"x"`, `{}`, `true`, `9223372036854775808`, `""`} {
		var id ID
		if err := json.Unmarshal([]byte(text), &id); err == nil {
			t.Errorf("%s was taken for the ID %d", text, id)
		}
	}
	_, refused := DecodeCommand(VerbCancelFulfillment, []byte(`{"fulfillmentId":"x"}`), true)
	if refused == nil || refused.Code != CodeInvalid {
		t.Errorf("got %v, want %s", refused, CodeInvalid)
	}
}

func TestIDIsWrittenAsText(t *testing.T) {
	t.Parallel()
	const id ID = 912588585936437171
	got, err := json.Marshal(map[string]any{"id": id, "none": ID(0), "list": []ID{id}, "by": map[ID]*ID{id: new(id)}})
	want := `{"by":{"912588585936437171":"912588585936437171"},"id":"912588585936437171",` +
		`"list":["912588585936437171"],"none":"0"}`
	if err != nil || string(got) != want {
		t.Errorf("got %s, %v; want %s", got, err, want)
	}
}

func TestMinterNeverRepeats(t *testing.T) {
	t.Parallel()
	var minter Minter
	last := ID(0)
	for range 10000 {
		id := minter.Mint()
		if id < last+IDBlock {
			t.Fatalf("%d is within the block of %d", id, last)
		}
		last = id
	}
}
