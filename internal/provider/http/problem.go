package http

import (
	"encoding/json"
	"fmt"
	"mime"
	nethttp "net/http"
	"strings"
	"time"

	"packhorse/internal/provider"
)

// problemType is the media type of RFC 9457.
const problemType = "application/problem+json"

// maxRetryAfter is how long a warehouse may ask to be left alone.
const maxRetryAfter = time.Hour

// problem is the error of the contract. Whatever is malformed in it is not there.
type problem struct {
	Title     text               `json:"title"`
	Detail    text               `json:"detail"`
	Retryable flag               `json:"retryable"`
	Effect    text               `json:"effect"`
	Errors    list[fieldProblem] `json:"errors"`
}

type fieldProblem struct {
	Field   text `json:"field"`
	Message text `json:"message"`
}

// nothing is what a 404 says to a question: nil, that there is nothing. That is believed in the contract's words only,
// because a 404 in other words may be a proxy's, and what is not there is sent again.
func (r reply) nothing() error {
	if r.isProblem() {
		return nil
	}
	return &provider.Error{Class: provider.Retryable, Message: r.describe(problem{})}
}

func (r reply) isProblem() bool {
	kind, _, err := mime.ParseMediaType(r.header.Get("Content-Type"))
	return err == nil && kind == problemType
}

// failure is the error of a status that is not 2xx.
func (r reply) failure() error {
	var p problem
	if r.isProblem() {
		_ = json.Unmarshal(r.body, &p) // What it doesn't say is as if there were no problem document.
	}
	after := retryAfter(r.header.Get("Retry-After"), r.receivedAt)
	return &provider.Error{Class: classOf(r.status, p, after > 0), RetryAfter: after, Message: r.describe(p)}
}

// classOf is what an answer of the warehouse means for the next attempt: the contract's own words first, then the
// status.
func classOf(status int, p problem, retryAfter bool) provider.Class {
	switch {
	case p.Retryable == isTrue:
		return provider.Retryable
	case p.Retryable == isFalse:
		return provider.Permanent
	}
	nothingDone := p.Effect == "none"
	switch {
	case status == nethttp.StatusRequestTimeout, status == nethttp.StatusTooEarly,
		status == nethttp.StatusTooManyRequests, status == nethttp.StatusServiceUnavailable:
		if nothingDone || retryAfter {
			return provider.Retryable
		}
		return provider.UnknownOutcome
	case status >= 300 && status <= 499: // A redirect is never followed: it leads to another path than was signed for.
		return provider.Permanent
	case nothingDone:
		return provider.Retryable
	}
	return provider.UnknownOutcome
}

// describe is the error for people.
func (r reply) describe(p problem) string {
	var b strings.Builder
	fmt.Fprintf(&b, "the warehouse answered %d %s", r.status, nethttp.StatusText(r.status))
	switch {
	case r.status >= 300 && r.status <= 399:
		b.WriteString(", a redirect, which is never followed: set the option url to where it leads")
	case r.status == nethttp.StatusNotFound && !r.isProblem():
		b.WriteString(" that is none of the contract's: is the option url right?")
	}
	for _, said := range []text{p.Title, p.Detail} {
		if said != "" {
			b.WriteString(": " + said.short())
		}
	}
	for i, e := range p.Errors {
		if i == maxErrors {
			fmt.Fprintf(&b, "; and %d more", len(p.Errors)-i)
			break
		}
		fmt.Fprintf(&b, "; %s: %s", e.Field.short(), e.Message.short())
	}
	return b.String()
}

// maxErrors are how many fields of a problem are named.
const maxErrors = 5

// retryAfter reads the header Retry-After in both of its forms, seconds and a date; 0: it is neither, or is past.
func retryAfter(value string, now time.Time) time.Duration {
	value = strings.TrimSpace(value)
	if seconds, err := time.ParseDuration(value + "s"); err == nil && strings.Trim(value, "0123456789") == "" {
		return min(seconds, maxRetryAfter)
	} else if value != "" && strings.Trim(value, "0123456789") == "" {
		return maxRetryAfter // More digits than a duration has.
	}
	at, err := nethttp.ParseTime(value)
	if err != nil {
		return 0
	}
	return min(max(0, at.Sub(now)), maxRetryAfter)
}
