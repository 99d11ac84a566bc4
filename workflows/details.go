package workflows

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
)

// maxDetails is the server's limit for a details page, in bytes.
const maxDetails = 20000

// maxListed is how many holds or shipments are listed, and half of how many lines.
const maxListed = 20

// pageEnd is an empty last paragraph: the UI shows a page in a frame a little too low for it, so the last line is cut.
const pageEnd = "\n\u00a0\n"

// Details is the page by which a run explains itself in the Temporal UI, as Markdown: where it stands, what holds it,
// what it waits for and since when, its lines, its shipments, and the last refusal. No personal data. It has no tables,
// because the UI prints them without rules or space between the columns. Parked is a line on what keeps the run from
// going on by itself, if anything does.
func Details(fo *fulfillment.FulfillmentOrder, calling bool, parked string) string {
	var b strings.Builder
	// The UI loses a run's own summary when it continues as new.
	fmt.Fprintf(&b, "%s\n\n", markdown(temporalio.Summary(fo)))
	fmt.Fprintf(&b, "**%s / %s** at **%s**", fo.Status, fo.RequestStatus, markdown(fo.AssignedLocation.Name))
	if fo.AssignedLocation.AtService() {
		fmt.Fprintf(
			&b, " (service %s, provider %s)", markdown(fo.AssignedLocation.ServiceName),
			markdown(fo.AssignedLocation.Provider),
		)
	}
	if fo.AssignedLocation.Why != "" {
		fmt.Fprintf(&b, ": %s", markdown(fo.AssignedLocation.Why))
	}
	b.WriteString("\n\n")
	b.WriteString(parked)
	holds(&b, fo)
	waits(&b, fo, calling)
	if r := fo.LastRefusal; r != nil { // Before the lists: a page that is too long is cut at its end.
		fmt.Fprintf(
			&b, "\n**Last refusal:** %s by %s at %s: %s\n", r.Verb, markdown(r.Actor), stamp(r.At), markdown(r.Message),
		)
	}
	lines(&b, fo)
	shipments(&b, fo)
	lineage(&b, fo)
	return temporalio.Clip(b.String(), maxDetails-len(pageEnd)) + pageEnd
}

func holds(b *strings.Builder, fo *fulfillment.FulfillmentOrder) {
	for i, h := range fo.Holds {
		if i == maxListed {
			fmt.Fprintf(b, "- … and %d more holds\n", len(fo.Holds)-i)
			break
		}
		if fo.WithService() {
			fmt.Fprintf(b, "- **Waits for %s: %s**", markdown(fo.AssignedLocation.ServiceName),
				strings.ToLower(fulfillment.HoldReasons[h.Reason]))
		} else {
			fmt.Fprintf(b, "- **On hold: %s**", fulfillment.HoldReasons[h.Reason])
		}
		if h.ReasonNotes != "" {
			fmt.Fprintf(b, " — %s", markdown(h.ReasonNotes))
		}
		fmt.Fprintf(b, " · since %s · by %s", stamp(h.HeldAt), markdown(h.HeldBy.String()))
		if h.ExpiresAt != nil {
			fmt.Fprintf(b, " · until %s\n", stamp(*h.ExpiresAt))
		} else {
			b.WriteString(" · until somebody releases it\n")
		}
	}
}

// waits goes on with the list that holds began.
func waits(b *strings.Builder, fo *fulfillment.FulfillmentOrder, calling bool) {
	answer(b, fo)
	for _, e := range fo.Effects {
		fmt.Fprintf(
			b, "- Waits for **%s** at %s, %s since %s", e.Kind, markdown(orDash(e.Provider)), e.Status, stamp(e.Since),
		)
		if e.Problem != "" {
			fmt.Fprintf(b, ": %s", markdown(e.Problem))
		}
		b.WriteString(served(e))
		b.WriteString("\n")
	}
	if n := fo.PreparedUnits(); n > 0 && fo.PreparedAt != nil {
		fmt.Fprintf(b, "- **Ready for the customer**: %d units since %s\n", n, stamp(*fo.PreparedAt))
	}
	at, what, ok := fo.NextDeadline()
	if ok {
		fmt.Fprintf(b, "- Next: %s at %s\n", what, stamp(at))
	}
	switch {
	case fo.DeadlineMissedAt != nil:
		fmt.Fprintf(b, "- **Deadline missed** at %s\n", stamp(*fo.DeadlineMissedAt))
	case fo.FulfillBy != nil && fo.RemainingUnits() > 0 && !(ok && at.Equal(*fo.FulfillBy)):
		fmt.Fprintf(b, "- To be shipped by %s\n", stamp(*fo.FulfillBy))
	}
	if calling {
		b.WriteString("- A provider is being called\n")
	}
}

// served says who makes a call that is due. A workflow can't see whether there is such a worker: nobody but Temporal
// knows.
func served(e fulfillment.Effect) string {
	if e.Provider == "" || e.Status != fulfillment.EffectDue && e.Status != fulfillment.EffectUnknown {
		return ""
	}
	return fmt.Sprintf(
		". A worker that serves the provider %s makes the call; if its activity stays scheduled and does not begin, "+
			"no worker serves %[1]s: start one whose `PACKHORSE_PROVIDERS` names it", markdown(e.Provider),
	)
}

// answer says whose answer to a request is waited for, since when, and what the merchant wrote. That is the merchant's
// message to the service, as the history has it, too.
func answer(b *strings.Builder, fo *fulfillment.FulfillmentOrder) {
	kind, what := fulfillment.RequestFulfillment, "the request"
	switch fo.RequestStatus {
	case fulfillment.RequestSubmitted:
	case fulfillment.RequestCancellationRequested:
		kind, what = fulfillment.RequestCancellation, "the request to stop"
	default:
		return
	}
	service := fo.AssignedLocation.ServiceName
	if service == "" {
		service = fo.AssignedLocation.Name
	}
	fmt.Fprintf(b, "- Waits for **%s** to answer %s", markdown(service), what)
	for _, r := range slices.Backward(fo.MerchantRequests) {
		if r.Kind != kind {
			continue
		}
		fmt.Fprintf(b, ", since %s", stamp(r.SentAt))
		if r.Message != "" {
			fmt.Fprintf(b, ": “%s”", markdown(r.Message))
		}
		break
	}
	b.WriteString("\n")
}

func lines(b *strings.Builder, fo *fulfillment.FulfillmentOrder) {
	if len(fo.Lines) == 0 {
		return
	}
	b.WriteString("\n**Lines**\n\n")
	for i, l := range fo.Lines {
		if i == 2*maxListed {
			fmt.Fprintf(b, "- … and %d more\n", len(fo.Lines)-i)
			break
		}
		fmt.Fprintf(
			b, "- %s (SKU %s): %d of %s to ship\n", markdown(l.Title), markdown(orDash(l.SKU)), l.Remaining,
			temporalio.Count(l.Total, "unit"),
		)
	}
}

func shipments(b *strings.Builder, fo *fulfillment.FulfillmentOrder) {
	if len(fo.Fulfillments) == 0 {
		return
	}
	b.WriteString("\n**Shipments**\n\n")
	first := max(0, len(fo.Fulfillments)-maxListed)
	if first > 0 {
		fmt.Fprintf(b, "- … and %d before\n", first)
	}
	for _, f := range fo.Fulfillments[first:] {
		units := 0
		for _, l := range f.Lines {
			units += l.Quantity
		}
		// Its name is the store's to give.
		fmt.Fprintf(b, "- **%s**, %s, %s", f.DisplayStatus, temporalio.Count(units, "unit"), stamp(f.CreatedAt))
		for _, t := range f.Tracking {
			fmt.Fprintf(b, " · %s %s", markdown(t.Company), markdown(t.Number))
		}
		b.WriteString("\n")
	}
}

func lineage(b *strings.Builder, fo *fulfillment.FulfillmentOrder) {
	if len(fo.Supersedes)+len(fo.SupersededBy) == 0 {
		return
	}
	b.WriteString("\n**Lineage**\n\n")
	for _, id := range fo.Supersedes {
		fmt.Fprintf(b, "- Came from `%s`\n", temporalio.FulfillmentOrderID(id))
	}
	for _, id := range fo.SupersededBy {
		fmt.Fprintf(b, "- Units went to `%s`\n", temporalio.FulfillmentOrderID(id))
	}
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 MST") }

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

// escape takes their meaning from the characters of Markdown, HTML, formulas and addresses (the UI makes links of
// bare ones).
var escape = strings.NewReplacer(
	`\`, `\\`, "|", `\|`, "*", `\*`, "_", `\_`, "`", "\\`", "<", `\<`, ">", `\>`, "[", `\[`, "]", `\]`,
	"#", `\#`, "~", `\~`, "$", `\$`, "://", `\://`, "\n", " ", "\r", " ",
)

// markdown makes text harmless inside the page.
func markdown(text string) string { return escape.Replace(temporalio.Clip(text, 300)) }
