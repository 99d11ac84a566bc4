package servicecall

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"packhorse/internal/callback"
	"packhorse/internal/carrier"
	"packhorse/internal/delivery"
	"packhorse/internal/fulfillment"
)

// maxQuestions is how many questions are asked one after the other: what is left is asked the next time.
const maxQuestions = 200

// track asks for the tracking numbers of a service's shipments that have none, and gives them those that come. Once the
// turn is over, what is left is for whoever follows next.
func (f *follower) track(
	turn, ctx context.Context, service fulfillment.Service, s callback.Standing,
) (r result) {
	r.suffix = s.Suffix
	var notes []string
	for after := fulfillment.ID(0); r.questions < maxQuestions && !r.cut; {
		shipments, err := f.Book.Untracked(ctx, service.ID, after)
		if err != nil {
			r.Result = delivery.Result{Err: &delivery.AwayError{Err: err}}
			return r
		}
		if len(shipments) == 0 {
			break
		}
		after = shipments[len(shipments)-1].ID
		names, doubled := namesOf(shipments)
		if doubled > 0 {
			notes = append(notes, fmt.Sprintf(
				"%d shipments share their names with others, and are not asked for.", doubled,
			))
		}
		r.questions++
		f.ask(ctx, service, callback.TrackingNumbers, &r, parametersOf(names))
		if !r.OK() {
			return r
		}
		numbers, note, err := callback.ReadTrackingNumbers(r.Answer, names)
		r.Done()
		if err != nil {
			r.Err, r.suffix = err, s.Suffix
			return r
		}
		refused, err := f.give(turn, ctx, service, shipments, numbers)
		notes = append(append(notes, note), refused...)
		if err != nil {
			r.Result = delivery.Result{Err: &delivery.AwayError{Err: fmt.Errorf("note tracking numbers: %w", err)}}
			return r
		}
		r.cut = turn.Err() != nil
		if len(shipments) < callback.MaxNames {
			break
		}
	}
	r.note = strings.Join(firstOf(notes), " ")
	return r
}

// give gives shipments the numbers that came for them, and says which were refused.
func (f *follower) give(
	turn, ctx context.Context, service fulfillment.Service, shipments []callback.Untracked, numbers map[string][]string,
) (refused []string, err error) {
	for _, shipment := range shipments {
		if len(numbers[shipment.Name]) == 0 {
			continue
		}
		if turn.Err() != nil {
			break
		}
		update := updateOf(service, shipment, numbers[shipment.Name])
		err := f.Track(ctx, shipment.FulfillmentOrderID, update)
		if fulfillment.AsRefusals(err) != nil {
			refused = append(refused, fmt.Sprintf("The number of %s was refused: %s", shipment.Name, err.Error()))
		} else if err != nil {
			return refused, err
		}
	}
	return refused, nil
}

// firstOf are the first different notes that say something.
func firstOf(notes []string) []string {
	var first []string
	for _, note := range notes {
		if note != "" && !slices.Contains(first, note) && len(first) < 3 {
			first = append(first, note)
		}
	}
	return first
}

// namesOf are the names of shipments that no two of them have, and how many others there are.
func namesOf(shipments []callback.Untracked) (names []string, doubled int) {
	count := map[string]int{}
	for _, s := range shipments {
		count[s.Name]++
	}
	for _, s := range shipments {
		if count[s.Name] == 1 {
			names = append(names, s.Name)
		} else {
			doubled++
		}
	}
	return names, doubled
}

func parametersOf(names []string) callback.Parameters {
	parameters := make(callback.Parameters, len(names))
	for i, name := range names {
		parameters[i] = [2]string{"order_names[]", name}
	}
	return parameters
}

// updateOf gives a shipment its numbers, once: with the same ID as before, if it was not changed since.
func updateOf(service fulfillment.Service, to callback.Untracked, numbers []string) *fulfillment.UpdateTracking {
	update := &fulfillment.UpdateTracking{
		FulfillmentID: to.ID, IfNone: true,
		Tracking: fulfillment.TrackingInput{
			Company: cmp.Or(to.Company, carrier.Propose(numbers...)), Numbers: numbers,
		},
	}
	if to.URL != "" {
		update.Tracking.URLs = []string{to.URL}
	}
	update.Actor = fulfillment.Actor{Role: fulfillment.RoleService, Name: service.Name, ServiceID: service.ID}
	update.CommandID = to.CommandID(numbers)
	return update
}

// ask asks a question. Where the path is not found it is tried with the other end, once. The other end is remembered
// when the answer there is one: whatever else comes, or that nobody answers, says nothing of the path.
func (f *follower) ask(
	ctx context.Context, service fulfillment.Service, call callback.Call, r *result, parameters callback.Parameters,
) {
	r.Result = f.Line.Ask(ctx, service, call, r.suffix, slices.Clone(parameters))
	if r.Status != http.StatusNotFound || r.Err != nil {
		return
	}
	other := ".json"
	if r.suffix != "" {
		other = ""
	}
	again := f.Line.Ask(ctx, service, call, other, slices.Clone(parameters))
	if again.Status == http.StatusNotFound {
		return
	}
	r.Result = again
	if again.OK() {
		r.suffix = other
	}
}
