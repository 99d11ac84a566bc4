package temporalio

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"packhorse/internal/fulfillment"
)

// TestAnswersHaveNoNumbersThatRound looks at everything that is answered or shown to callers whose numbers are floats,
// such as JavaScript's: IDs have more digits than those.
func TestAnswersHaveNoNumbersThatRound(t *testing.T) {
	t.Parallel()
	for _, answer := range []any{
		&OrderOutput{}, &JointAnswer{}, &FulfillmentOrderInput{}, &OrderInput{}, &DeleteService{},
		&fulfillment.Result{}, &fulfillment.OrderCancelled{}, &fulfillment.OrderEdited{}, &fulfillment.OrderCreated{},
		&fulfillment.FulfillmentOrder{}, &fulfillment.Error{}, &fulfillment.Event{}, &fulfillment.Details{},
		&fulfillment.OrderDetails{}, &fulfillment.Transition{}, &fulfillment.Location{}, &fulfillment.Service{},
	} {
		t.Run(fmt.Sprintf("%T", answer), func(t *testing.T) {
			t.Parallel()
			giveIDs(t, reflect.ValueOf(answer).Elem())
			body, err := json.Marshal(answer)
			if err != nil {
				t.Fatal(err)
			}
			var read any
			if err := json.Unmarshal(body, &read); err != nil {
				t.Fatal(err)
			}
			findLargeNumbers(t, "", read)
		})
	}
}

// giveIDs sets every ID to the largest there is, in lists of one item.
func giveIDs(t *testing.T, v reflect.Value) {
	t.Helper()
	switch {
	case v.Type() == reflect.TypeFor[fulfillment.ID]():
		v.SetInt(math.MaxInt64)
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		giveIDs(t, v.Elem())
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		giveIDs(t, v.Index(0))
	case v.Kind() == reflect.Struct:
		for field, value := range v.Fields() {
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			if value.Kind() == reflect.Int64 && (name == "id" || strings.HasSuffix(name, "Id")) &&
				value.Type() != reflect.TypeFor[fulfillment.ID]() {
				t.Errorf("%s.%s is an ID, and is written as a number", v.Type(), field.Name)
			}
			if value.CanSet() {
				giveIDs(t, value)
			}
		}
	}
}

func findLargeNumbers(t *testing.T, at string, value any) {
	t.Helper()
	switch value := value.(type) {
	case map[string]any:
		for name, field := range value {
			findLargeNumbers(t, at+"."+name, field)
		}
	case []any:
		for _, item := range value {
			findLargeNumbers(t, at+"[]", item)
		}
	case float64:
		if value > 1<<53 {
			t.Errorf("%s is a number above 2^53", at)
		}
	}
}
