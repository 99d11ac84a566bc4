package callback

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"packhorse/internal/fulfillment"
)

// ReadStock reads an answer to [Stock]: how many units of each SKU there are. Numbers may be texts, and the map may be
// under "stock_levels". What is no SKU with a whole number is left out, and less than none is none; the note says of
// what. A list, as PHP writes an empty map, is an answer if it is empty, and so is a root that is null. What is no JSON
// is an error.
func ReadStock(answer []byte) (levels map[string]int64, note string, err error) {
	all, err := mapIn(withoutMark(answer))
	if err != nil {
		return nil, "", err
	}
	switch root, ok := all["stock_levels"]; {
	case !ok || isLevel(root):
	case string(root) == "null":
		all = nil
	default:
		if all, err = mapIn(root); err != nil {
			return nil, "", fmt.Errorf("in stock_levels, %w", err)
		}
	}
	levels = map[string]int64{}
	var wrong, below []string
	for _, sku := range slices.Sorted(maps.Keys(all)) {
		level, ok := levelIn(all[sku])
		tidy := fulfillment.Tidy(sku)
		switch {
		case ok && tidy != "" && len([]rune(tidy)) <= maxNumber:
			if levels[tidy] = max(level, 0); level < 0 {
				below = append(below, sku)
			}
		case !slices.Contains(aside, sku):
			wrong = append(wrong, sku)
		}
	}
	var notes []string
	if len(wrong) > 0 {
		notes = append(notes, "No SKU with a whole number: "+some(wrong)+".")
	}
	if len(below) > 0 {
		notes = append(notes, "Below 0, kept as 0: "+some(below)+".")
	}
	return levels, strings.Join(notes, " "), nil
}

func mapIn(text []byte) (map[string]json.RawMessage, error) {
	var all map[string]json.RawMessage
	if json.Unmarshal(text, &all) == nil && all != nil {
		return all, nil
	}
	var none []any
	if json.Unmarshal(text, &none) == nil && none != nil && len(none) == 0 {
		return nil, nil
	}
	return nil, errors.New("the answer is no map of SKUs to numbers")
}

func isLevel(raw json.RawMessage) bool {
	_, ok := levelIn(raw)
	return ok
}

// levelIn is a whole number, as a number or a text; 10.0 is one, too.
func levelIn(raw json.RawMessage) (int64, bool) {
	text := strings.TrimSpace(string(raw))
	var quoted string
	if json.Unmarshal(raw, &quoted) == nil {
		text = strings.TrimSpace(quoted)
	}
	if text == "null" {
		return 0, false
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, true
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || f != math.Trunc(f) || math.Abs(f) > 1<<53 {
		return 0, false
	}
	return int64(f), true
}
