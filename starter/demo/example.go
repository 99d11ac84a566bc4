package demo

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"packhorse/internal/fulfillment"
)

// Example is a sample order and what happens to it: a file of a folder such as examples/.
//
// A time in it may be written from now on, such as "now+90s" or "now-1h".
type Example struct {
	Story string          `json:"story"` // in words, for the table at the end
	Order json.RawMessage `json:"order"` // as for order create; with a sourceIdentifier, by which it is recognised
	Steps []Step          `json:"steps"`

	Name string `json:"-"` // of the file, without its ending
}

// Step is one thing that is done to a sample order, or waited for.
type Step struct {
	Do  string `json:"do"`  // a command's verb, CancelOrder, or Wait
	As  string `json:"as"`  // who asks: operator (default), merchant, or service (the one that runs the location)
	App string `json:"app"` // the app that asks; holds belong to it

	// Which fulfillment order of the order is meant: at this location, with this SKU. Without both, there is only one.
	At  string `json:"at"`
	SKU string `json:"sku"`

	With  json.RawMessage `json:"with"`  // the command's own fields, as in its JSON; times count from when it is sent
	Lines map[string]int  `json:"lines"` // units by SKU, for commands that take a part
	To    string          `json:"to"`    // Move: the location's name

	Until struct { // Wait: all that is given must have been so at the same time
		Status        fulfillment.Status        `json:"status"`
		RequestStatus fulfillment.RequestStatus `json:"requestStatus"`
		Shown         fulfillment.DisplayStatus `json:"shown"` // of a shipment
	} `json:"until"`
}

// The steps that are no commands to a fulfillment order.
const (
	stepWait        = "Wait"
	stepCancelOrder = "CancelOrder"
)

// Read reads all *.json files of a folder, in the order of their names. Whatever is no example, or has the source
// identifier of another one, is an error that names the file.
func Read(folder string) ([]*Example, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil {
		return nil, fmt.Errorf("look for examples: %w", err)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("there are no *.json files in %s", folder)
	}
	examples := make([]*Example, len(files))
	seen := map[string]string{}
	for i, file := range files {
		if examples[i], err = readExample(file); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		order, err := examples[i].order(time.Now())
		if err != nil {
			return nil, fmt.Errorf("%s: order: %w", file, err)
		}
		if other, taken := seen[order.SourceIdentifier]; taken {
			return nil, fmt.Errorf("%s and %s have the same sourceIdentifier", other, file)
		}
		seen[order.SourceIdentifier] = file
	}
	return examples, nil
}

func readExample(file string) (*Example, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	e := &Example{Name: strings.TrimSuffix(filepath.Base(file), ".json")}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(e); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the example")
	}
	for i := range e.Steps {
		if err := e.Steps[i].check(); err != nil {
			return nil, fmt.Errorf("step %d: %w", i+1, err)
		}
	}
	return e, nil
}

func (s *Step) check() error {
	switch s.Do {
	case stepWait:
		if s.Until.Status == "" && s.Until.RequestStatus == "" && s.Until.Shown == "" {
			return errors.New("until is missing")
		}
		return nil
	case stepCancelOrder:
		return nil
	}
	_, err := s.command(time.Now())
	return err
}

// order is the sample order, placed at this time.
func (e *Example) order(placed time.Time) (fulfillment.Order, error) {
	order, err := fulfillment.DecodeOrder(fillTimes(e.Order, placed))
	if err != nil {
		return order, err
	}
	if order.SourceIdentifier == "" {
		return order, errors.New("a sample order needs a sourceIdentifier")
	}
	order.ID = fulfillment.OrderIDOf(order.SourceIdentifier)
	order.ProcessedAt = &placed
	return order, nil
}

// command is the command of a step, without what depends on the fulfillment order.
func (s *Step) command(now time.Time) (fulfillment.Command, error) {
	cmd, err := fulfillment.DecodeCommand(fulfillment.Verb(s.Do), fillTimes(s.With, now), true)
	if err != nil {
		return nil, err
	}
	return cmd, nil
}

var timeFromNow = regexp.MustCompile(`"now([+-][0-9a-zµ.]+)?"`)

// fillTimes replaces the times that are written from now on.
func fillTimes(text []byte, now time.Time) []byte {
	return timeFromNow.ReplaceAllFunc(text, func(match []byte) []byte {
		at := now
		if offset := timeFromNow.FindSubmatch(match)[1]; len(offset) > 0 {
			d, err := time.ParseDuration(string(offset))
			if err != nil {
				return match // The strict reader of what it stands in says that this is no time.
			}
			at = now.Add(d)
		}
		return []byte(`"` + at.UTC().Format(time.RFC3339Nano) + `"`)
	})
}
