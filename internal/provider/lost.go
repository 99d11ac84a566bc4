package provider

import (
	"context"

	"packhorse/internal/fulfillment"
)

// Lost is the calls that were made for an order in a time that the database has lost: it was set back to an older
// state, and the provider was not.
type Lost struct {
	Calls []fulfillment.LostCall // the newest first
	// Options are those of a service, if they are known.
	Options func(service fulfillment.ID) map[string]any
	// Claim takes what the provider has under a key for this call; false: it was taken for another one.
	Claim func(ctx context.Context, key string) (bool, error)
	// Withdraw has the provider forget a request.
	Withdraw func(ctx context.Context, lost fulfillment.LostCall, key string) (Answer, error)
}

// Settle finds what the provider has of the lost time, before the call is sent. What asks for the same is adopted: key
// is what the provider knows it by. A request for some of the same units is withdrawn first, or else a person must
// look. found is false when it is safe to send. It may be repeated.
func (l Lost) Settle(
	ctx context.Context, p Provider, call fulfillment.Asked,
) (answer Answer, key string, found bool, err error) {
	for _, lost := range l.Calls {
		if !concerns(call, lost) || lost.ClaimedBy != "" && lost.ClaimedBy != call.Key {
			continue
		}
		finder, ok := p.(Finder)
		if lost.Call.Provider != p.ID() || !ok {
			return park("The database was set back. Before that, %s was asked for %s, which nobody can look up. Ask "+
				"the service whether that stands, then answer for it.",
				lost.Call.Provider, lost.Call.Key), "", true, nil
		}
		standing, stands, err := l.standing(ctx, p, finder, lost)
		if err != nil || standing.Outcome == fulfillment.OutcomeParked {
			return standing, "", err == nil, err
		}
		if !stands {
			continue
		}
		if call.Kind == fulfillment.EffectRequest && !lost.Call.SameUnits(call) {
			parked, gone, err := l.withdraw(ctx, p, lost)
			if err != nil || !gone {
				return parked, "", err == nil, err
			}
			continue
		}
		mine, err := l.Claim(ctx, lost.Call.Key)
		if err != nil {
			return Answer{}, "", false, &Error{Class: Retryable, Message: "claim " + lost.Call.Key, Cause: err}
		}
		if mine {
			return standing, lost.Call.Key, true, nil
		}
	}
	return Answer{}, "", false, nil
}

// concerns tells whether a lost call may be about the same as this one.
func concerns(call fulfillment.Asked, lost fulfillment.LostCall) bool {
	switch call.Kind {
	case fulfillment.EffectRequest:
		return lost.Call.Kind == fulfillment.EffectRequest && lost.Call.Overlaps(call)
	case fulfillment.EffectCancel, fulfillment.EffectWithdraw:
		return lost.Call.Kind != fulfillment.EffectRequest && lost.Call.For == call.For
	}
	return false
}

// standing looks up whether something came of a lost call that nothing has ended since.
func (l Lost) standing(
	ctx context.Context, p Provider, finder Finder, lost fulfillment.LostCall,
) (answer Answer, stands bool, err error) {
	call := lost.Call
	query := l.query(lost)
	answer, found, err := adopt(ctx, p.ID(), finder, Attempt{Query: query})
	if err != nil || !found || answer.Outcome == fulfillment.OutcomeRejected ||
		answer.Outcome == fulfillment.OutcomeParked {
		return answer, false, err
	}
	withdrawn := query
	withdrawn.Key, withdrawn.Kind = withdrawal(call.Key), fulfillment.EffectWithdraw
	withdrawn.RequestKey, withdrawn.Reference = call.Key, answer.Reference
	ends := []Query{withdrawn}
	for _, other := range l.Calls {
		if other.Call.For == call.Key && other.Call.Provider == p.ID() {
			end := l.query(other)
			end.Reference = answer.Reference
			ends = append(ends, end)
		}
	}
	for _, query := range ends {
		end, found, err := adopt(ctx, p.ID(), finder, Attempt{Query: query})
		if err != nil {
			return Answer{}, false, err
		}
		if found && end.Outcome == fulfillment.OutcomeAccepted {
			return Answer{}, false, nil
		}
	}
	return answer, true, nil
}

// query asks for a lost call. What the system called it is lost too.
func (l Lost) query(lost fulfillment.LostCall) Query {
	q := Query{
		Key: lost.Call.Key, Kind: lost.Call.Kind, RequestKey: lost.Call.Key,
		FulfillmentOrderID: lost.FulfillmentOrderID, ServiceID: lost.Call.ServiceID,
	}
	if lost.Call.For != "" {
		q.RequestKey = lost.Call.For
	}
	if l.Options != nil {
		q.ServiceOptions = l.Options(q.ServiceID)
	}
	return q
}

// withdrawal is the key by which a lost request is withdrawn.
func withdrawal(key string) string { return key + "/withdraw" }

// withdraw has the provider forget a lost request for other units than are asked for now.
func (l Lost) withdraw(
	ctx context.Context, p Provider, lost fulfillment.LostCall,
) (parked Answer, gone bool, err error) {
	key := withdrawal(lost.Call.Key)
	query := l.query(lost)
	query.Key, query.Kind, query.RequestKey = key, fulfillment.EffectWithdraw, lost.Call.Key
	answer, err := Call(ctx, p, Attempt{Query: query}, func(ctx context.Context) (Answer, error) {
		return l.Withdraw(ctx, lost, key)
	})
	switch {
	case err != nil:
		return Answer{}, false, err
	case answer.Outcome == fulfillment.OutcomeAccepted:
		return Answer{}, true, nil
	}
	return park("The database was set back. Before that, %s was asked for %s, for other units than now, and did not "+
			"let it go (%s). Ask the service to stop it, then answer for this one.",
			p.ID(), lost.Call.Key, answer.Outcome),
		false, nil
}
