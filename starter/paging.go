package main

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
)

// paging is which part of a list is asked for.
type paging struct {
	limit     int
	after     postgres.Cursor
	ascending bool
}

func pagingFlags(c *cobra.Command, latestFirst bool) *paging {
	p := &paging{limit: postgres.DefaultLimit, ascending: !latestFirst}
	c.Flags().Var(limitValue(&p.limit), "limit", limitUsage)
	c.Flags().Var(&value{"CURSOR", func(text string) error {
		after, err := postgres.ParseCursor(text)
		if err != nil {
			return fmt.Errorf("take the one that came with the page before")
		}
		p.after = after
		return nil
	}, nil}, "after", "go on after this place: the `CURSOR` that came with the page before")
	if latestFirst {
		c.Flags().BoolVar(&p.ascending, "ascending", false, "the oldest first")
	}
	return p
}

const limitUsage = "how many at most; the answer says how to go on when there are more"

func limitValue(into *int) *value {
	return &value{"N", func(text string) error {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return errors.New("a whole number of at least 1 is needed")
		}
		*into = n
		return nil
	}, func() string { return strconv.Itoa(*into) }}
}

// part is the part of a short list, which is read as a whole, that is asked for; its cursors are the items' IDs.
func part[T any](p *paging, all []T, id func(T) fulfillment.ID) (list[T], error) {
	begin := 0
	if p.after != 0 {
		begin = 1 + slices.IndexFunc(all, func(item T) bool { return id(item) == fulfillment.ID(p.after) })
		if begin == 0 {
			return list[T]{}, &fulfillment.Error{Code: fulfillment.CodeInvalid, Field: []string{"after"},
				Message: "What this cursor stands for is no longer in the list: begin again, without --after."}
		}
	}
	items := list[T]{Items: append([]T{}, all[begin:min(begin+p.limit, len(all))]...)}
	if begin+p.limit < len(all) {
		items.Next = postgres.Cursor(id(items.Items[p.limit-1])).String()
	}
	return items, nil
}

// tellMore says that a list is empty, or how to go on.
func (a *app) tellMore(n int, what, next string) {
	switch {
	case n == 0:
		fmt.Fprintf(a.errOut, "no %s\n", what)
	case next != "":
		fmt.Fprintf(a.errOut, "there are more: packhorse %s\n", goOn(a.args, next))
	}
}

// goOn is the command line that asks for the next page.
func goOn(args []string, next string) string {
	var words []string
	for i := 0; i < len(args); i++ {
		switch {
		case args[i] == "--after":
			i++
		case strings.HasPrefix(args[i], "--after="):
		default:
			words = append(words, shellWord(args[i]))
		}
	}
	return strings.Join(append(words, "--after", next), " ")
}

// shellWord is a word as a shell reads it.
func shellWord(word string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=.,:/@%+"
	if word != "" && strings.Trim(word, plain) == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// collect reads as many pages as are asked for.
func collect[T any](p *paging, read func(postgres.Page) (postgres.Results[T], error)) (list[T], error) {
	items := list[T]{Items: []T{}}
	after := p.after
	for {
		page, err := read(
			postgres.Page{After: after, Limit: min(p.limit-len(items.Items), postgres.MaxLimit), Reverse: !p.ascending},
		)
		if err != nil {
			return items, err
		}
		items.Items = append(items.Items, page.Items...)
		after = page.Next
		if after == 0 || len(items.Items) >= p.limit {
			items.Next = after.String()
			return items, nil
		}
	}
}
