package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"packhorse/internal/fulfillment"
)

// The flag values below write straight into the command that they belong to, and refuse what is malformed while the
// arguments are read.

// value is a flag of any type, made of how to read it and how to show it.
type value struct {
	kind string
	set  func(text string) error
	show func() string
}

// Set is part of pflag.Value.
func (v *value) Set(text string) error { return v.set(text) }

// Type is part of pflag.Value: what the help calls the value.
func (v *value) Type() string { return v.kind }

// String is part of pflag.Value: the default, for the help.
func (v *value) String() string {
	if v.show == nil {
		return ""
	}
	return v.show()
}

// timeoutValue reads how long to wait: some time, because a command that doesn't wait can't be answered.
func timeoutValue(into *time.Duration) *value {
	return &value{"DURATION", func(text string) error {
		d, err := time.ParseDuration(text)
		if err != nil || d <= 0 {
			return errors.New("write it with its unit, such as 3s or 2m; more than nothing")
		}
		*into = d
		return nil
	}, func() string { return into.String() }}
}

// countryValue reads the two letters of a country, in ISO 3166-1 alpha-2.
func countryValue(into *string) *value {
	return &value{"CODE", func(text string) error {
		code := strings.ToUpper(fulfillment.Tidy(text))
		if problem := fulfillment.CountryProblem(code); problem != "" {
			return errors.New("it " + problem)
		}
		*into = code
		return nil
	}, func() string { return *into }}
}

// oneOf reads one of the words; case and the choice of - or _ don't matter.
func oneOf[T ~string](into *T, words ...T) *value {
	return &value{"WORD", func(text string) error {
		for _, word := range words {
			if strings.EqualFold(strings.ReplaceAll(text, "-", "_"), strings.ReplaceAll(string(word), "-", "_")) {
				*into = word
				return nil
			}
		}
		return fmt.Errorf("it is none of %s", joined(words))
	}, func() string { return string(*into) }}
}

// anyOf reads words like oneOf, several of them: by commas, or by giving the flag again.
func anyOf[T ~string](into *[]T, words ...T) *value {
	return &value{"WORD,...", func(text string) error {
		for part := range strings.SplitSeq(text, ",") {
			var word T
			if err := oneOf(&word, words...).Set(part); err != nil {
				return err
			}
			*into = append(*into, word)
		}
		return nil
	}, nil}
}

func joined[T ~string](words []T) string {
	texts := make([]string, len(words))
	for i, word := range words {
		texts[i] = string(word)
	}
	return strings.Join(texts, ", ")
}

// completeValues lets the shell complete the flag's words.
func completeValues[T ~string](cmd *cobra.Command, flag string, words ...T) {
	texts := make([]string, len(words))
	for i, word := range words {
		texts[i] = string(word)
	}
	// Only fails for a flag that isn't there.
	_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(texts, cobra.ShellCompDirectiveNoFileComp))
}

func idValue(into *fulfillment.ID) *value {
	return &value{"ID", func(text string) error {
		id, err := fulfillment.ParseID(text)
		if err != nil {
			return errors.New("an ID is a positive whole number")
		}
		*into = id
		return nil
	}, nil}
}

func idsValue(into *[]fulfillment.ID) *value {
	return &value{"ID,...", func(text string) error {
		for part := range strings.SplitSeq(text, ",") {
			var id fulfillment.ID
			if err := idValue(&id).Set(part); err != nil {
				return err
			}
			*into = append(*into, id)
		}
		return nil
	}, nil}
}

// quantitiesValue reads ID=QUANTITY, once for each line. Whether a quantity makes sense is for the domain to say.
func quantitiesValue(into *[]fulfillment.Quantity) *value {
	return &value{"ID=QTY", func(text string) error {
		name, number, found := strings.Cut(text, "=")
		quantity, err := strconv.Atoi(number)
		var q fulfillment.Quantity
		if !found || err != nil || idValue(&q.ID).Set(name) != nil {
			return errors.New("write it as ID=QUANTITY, such as 4711=2")
		}
		q.Quantity = quantity
		*into = append(*into, q)
		return nil
	}, nil}
}

// The notations of a point in time beside RFC 3339, in the app's own time zone.
var timeLayouts = []string{
	"2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02",
}

const timeNotations = "RFC 3339, \"2006-01-02 15:04\" (local), or from now on, such as 90m or 36h"

func (a *app) parseTime(text string) (time.Time, error) {
	if at, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return at.UTC(), nil
	}
	for _, layout := range []string{dateLayout, secondLayout} {
		if at, err := time.Parse(layout, text); err == nil {
			return at.UTC(), nil
		}
	}
	for _, layout := range timeLayouts {
		if wall, err := time.Parse(layout, text); err == nil {
			at, err := onTheClock(wall, layout == time.DateOnly, a.zone)
			return at.UTC(), err
		}
	}
	if d, err := time.ParseDuration(text); err == nil {
		return a.now().Add(d).UTC().Truncate(time.Millisecond), nil
	}
	return time.Time{}, fmt.Errorf("write it as %s", timeNotations)
}

// onTheClock is the moment at which the clocks of a zone show what wall, which is in UTC, does. Where they are changed,
// there is no such moment, or there are two: that is refused, because nobody can know what was meant. Of a day, it is
// the beginning.
func onTheClock(wall time.Time, day bool, zone *time.Location) (time.Time, error) {
	var moments []time.Time
	seen := map[int]bool{}
	for _, around := range []time.Duration{-24 * time.Hour, 24 * time.Hour} { // The offsets before and after a change.
		_, offset := wall.Add(around).In(zone).Zone()
		at := wall.Add(-time.Duration(offset) * time.Second)
		if _, then := at.In(zone).Zone(); then == offset && !seen[offset] {
			moments, seen[offset] = append(moments, at.In(zone)), true
		}
	}
	switch {
	case len(moments) == 1, day && len(moments) > 1:
		return moments[0], nil
	case len(moments) == 0 && day: // The clocks skip its beginning.
		at := time.Date(wall.Year(), wall.Month(), wall.Day(), 12, 0, 0, 0, zone)
		for before := at.Add(-time.Minute); before.Day() == wall.Day(); before = before.Add(-time.Minute) {
			at = before
		}
		return at, nil
	case len(moments) == 0:
		return time.Time{}, fmt.Errorf("the clocks in %s skip this time: write it with its offset, such as %s", zone,
			time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), 0, zone).
				Format(time.RFC3339))
	}
	return time.Time{}, fmt.Errorf("the clocks in %s show this time twice: write %s or %s", zone,
		moments[0].Format(time.RFC3339), moments[1].Format(time.RFC3339))
}

func (a *app) timeValue(into *time.Time) *value {
	return &value{"TIME", func(text string) (err error) {
		*into, err = a.parseTime(text)
		return err
	}, nil}
}

// optionalTimeValue leaves a nil where the flag isn't given.
func (a *app) optionalTimeValue(into **time.Time) *value {
	return &value{"TIME", func(text string) error {
		at, err := a.parseTime(text)
		*into = &at
		return err
	}, nil}
}

func optionalFloatValue(into **float64) *value {
	return &value{"DEGREES", func(text string) error {
		n, err := strconv.ParseFloat(text, 64)
		*into = &n
		return err
	}, nil}
}

func durationValue(into *fulfillment.Duration) *value {
	return &value{"DURATION", func(text string) error { return into.UnmarshalText([]byte(text)) }, nil}
}
