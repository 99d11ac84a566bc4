package main

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

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
	c.Flags().Var(&value{"N", func(text string) error {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return errors.New("a whole number of at least 1 is needed")
		}
		p.limit = n
		return nil
	}, func() string { return strconv.Itoa(p.limit) }}, "limit", "how many at most")
	c.Flags().Var(&value{"CURSOR", func(text string) error {
		after, err := postgres.ParseCursor(text)
		if err != nil {
			return fmt.Errorf("take the one that came with the page before")
		}
		p.after = after
		return nil
	}, nil}, "after", "go on after this place: the `CURSOR` that came with the page before")
	if latestFirst {
		c.Flags().BoolVar(&p.ascending, "ascending", false, "the lowest ID first")
	}
	return p
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
