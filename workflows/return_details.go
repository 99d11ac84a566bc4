package workflows

import (
	"fmt"
	"strings"

	"packhorse/internal/returns"
	"packhorse/internal/temporalio"
)

// page is the page by which a run explains itself in the Temporal UI, as [Details] is that of a fulfillment order. No
// personal data: no notes.
func (l *returnLife) page() string {
	r := l.state
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n**%s**", markdown(temporalio.ReturnSummary(r)), r.Status)
	if r.RMANumber != r.Name {
		fmt.Fprintf(&b, " · RMA %s", markdown(r.RMANumber))
	}
	fmt.Fprintf(&b, " · %d received · %d processed\n\n", r.ReceivedUnits(), r.ProcessedUnits())
	if l.parked != nil {
		fmt.Fprintf(&b, "- **Parked** since %s, by what followed from it: %s\n", stamp(l.parkedAt),
			markdown(l.parked.Message))
	}
	if r.Status == returns.StatusRequested {
		fmt.Fprintf(&b, "- **Waits for somebody to approve or decline it** since %s\n", stamp(r.CreatedAt))
	}
	if at, what, ok := r.NextDeadline(); ok {
		fmt.Fprintf(&b, "- Next: %s at %s\n", what, stamp(at))
	}
	if r.OverdueAt != nil && r.Outstanding() > 0 && r.Status == returns.StatusOpen {
		fmt.Fprintf(&b, "- **Overdue** since %s: %s did not come back\n", stamp(*r.OverdueAt),
			temporalio.Count(r.Outstanding(), "unit"))
	}
	if l.cancelRequested() {
		b.WriteString("- **A cancel request** of Temporal was ignored: it ends no return. What to do instead: the " +
			"update Cancel or Decline\n")
	}
	if last := r.LastRefusal; last != nil {
		fmt.Fprintf(&b, "\n**Last refusal:** %s by %s at %s: %s\n", last.Verb, markdown(last.Actor), stamp(last.At),
			markdown(last.Message))
	}
	if len(r.Lines) > 0 {
		b.WriteString("\n**Lines**\n\n")
	}
	for i, line := range r.Lines {
		if i == 2*maxListed {
			fmt.Fprintf(&b, "- … and %d more\n", len(r.Lines)-i)
			break
		}
		fmt.Fprintf(&b, "- SKU %s: %s, %d received, %d processed\n", markdown(orDash(line.SKU)),
			temporalio.Count(line.Quantity, "unit"), line.Received, line.Processed)
	}
	parcels(&b, r)
	return temporalio.Clip(b.String(), maxDetails-len(pageEnd)) + pageEnd
}

// parcels lists what is on its way back.
func parcels(b *strings.Builder, r *returns.Return) {
	listed := 0
	for i := range r.Work {
		for _, d := range r.Work[i].Deliveries {
			switch listed++; {
			case listed == 1:
				b.WriteString("\n**Parcels**\n\n")
			case listed > maxListed:
				continue
			}
			fmt.Fprintf(b, "- since %s", stamp(d.CreatedAt))
			if d.Tracking != nil {
				fmt.Fprintf(b, " · %s %s", markdown(d.Tracking.CarrierName), markdown(d.Tracking.Number))
			}
			b.WriteString("\n")
		}
	}
	if listed > maxListed {
		fmt.Fprintf(b, "- … and %d more\n", listed-maxListed)
	}
}
