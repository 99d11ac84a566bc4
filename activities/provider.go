package activities

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
	"packhorse/internal/provider/rate"
)

// ProviderCall is one effect to bring about.
type ProviderCall struct {
	Effect    fulfillment.Effect            `json:"effect"`
	State     *fulfillment.FulfillmentOrder `json:"state"`               // as it was when the intent was committed
	LookFirst bool                          `json:"lookFirst,omitempty"` // an earlier run may have made this call
}

// CallProvider makes the call once: before any second try it looks the key up and adopts what is there. It returns
// when the provider gave an answer; until then Temporal retries it.
func (p *Providers) CallProvider(ctx context.Context, call ProviderCall) (fulfillment.ProviderAnswer, error) {
	info := activity.GetInfo(ctx)
	now := p.serverTime(info.StartedTime)
	attempt := provider.Attempt{First: info.Attempt == 1 && !call.LookFirst, Settle: p.Settle}
	switch {
	case activity.HasHeartbeatDetails(ctx): // When the attempt before this one was sent, see below.
		if err := activity.GetHeartbeatDetails(ctx, &attempt.Previous); err != nil {
			return fulfillment.ProviderAnswer{}, err
		}
	case info.Attempt > 1:
		// The first one leaves no sign, which would cost every call a request. It was sent before now.
		attempt.Previous = now()
		activity.RecordHeartbeat(ctx, attempt.Previous)
	}
	fo := call.State
	needed, err := p.Store.ProviderCall(ctx, fo.OrderID, fo.AssignedLocation.LocationID, fo.DestinationBefore)
	if err != nil {
		return fulfillment.ProviderAnswer{}, err
	}
	send, lost := p.sender(call, needed), p.lost(call, needed)
	attempt.Query = queryOf(call, needed)
	attempt.Now = now()
	requestKey := ""
	started := time.Now()
	answer, err := provider.Call(ctx, p.Provider, attempt, func(ctx context.Context) (provider.Answer, error) {
		if info.Attempt > 1 {
			activity.RecordHeartbeat(ctx, now())
		}
		answer, key, found, err := lost.Settle(ctx, p.Provider, call.State.Call(call.Effect))
		if found || err != nil {
			requestKey = key
			return answer, err
		}
		return send(ctx)
	})
	if err == nil {
		err = p.keepDocuments(ctx, call, answer)
	}
	outcome := string(answer.Outcome)
	if err != nil {
		outcome = string(provider.Classify(err))
	}
	p.Metrics.ProviderCall(call.Effect.Provider, string(call.Effect.Kind), outcome, time.Since(started))
	if err == nil && answer.Outcome == fulfillment.OutcomeUnknown && call.Effect.Status == fulfillment.EffectUnknown {
		// That is known already. As an error it is tried again, after a while.
		return fulfillment.ProviderAnswer{}, temporal.NewApplicationError(
			answer.Message, string(provider.UnknownOutcome),
		)
	}
	if err == nil {
		if err := p.keepNews(ctx, call, answer, requestKey); err != nil {
			return fulfillment.ProviderAnswer{}, err
		}
		adopted := answerOf(call, answer)
		adopted.RequestKey = requestKey
		return adopted, nil
	}
	if provider.Classify(err) == provider.Permanent {
		return answerOf(call, provider.Answer{Outcome: fulfillment.OutcomeParked, Message: err.Error()}), nil
	}
	var known *provider.Error
	if errors.As(err, &known) && known.RetryAfter > 0 {
		return fulfillment.ProviderAnswer{}, temporal.NewApplicationErrorWithOptions(
			err.Error(), string(provider.Classify(err)),
			temporal.ApplicationErrorOptions{NextRetryDelay: known.RetryAfter, Cause: err},
		)
	}
	return fulfillment.ProviderAnswer{}, temporal.NewApplicationErrorWithCause(
		err.Error(), string(provider.Classify(err)), err,
	)
}

// serverTime tells the time by the clock of the Temporal service, which is the same for all workers: when it gave out
// this attempt, and what has passed since.
func (p *Providers) serverTime(started time.Time) func() time.Time {
	clock := p.Clock
	if clock == nil {
		clock = time.Now
	}
	began := clock()
	return func() time.Time { return started.Add(clock().Sub(began)).UTC() }
}

// queryOf asks what became of the call.
func queryOf(call ProviderCall, needed fulfillment.CallDetails) provider.Query {
	fo := call.State
	query := provider.Query{
		Key: call.Effect.Key, Kind: call.Effect.Kind, RequestKey: call.Effect.Key, FulfillmentOrderID: fo.ID,
		ServiceID: fo.AssignedLocation.ServiceID, ServiceOptions: needed.ServiceOptions,
	}
	if call.Effect.For != "" {
		query.RequestKey, query.Reference = call.Effect.For, fo.RequestReference
	}
	return query
}

// sender builds the call. What it needs from the store was read before anything goes out.
func (p *Providers) sender(
	call ProviderCall, needed fulfillment.CallDetails,
) func(context.Context) (provider.Answer, error) {
	fo := call.State
	switch call.Effect.Kind {
	case fulfillment.EffectCancel, fulfillment.EffectWithdraw:
		cancellation := provider.Cancellation{
			Key: call.Effect.Key, RequestKey: call.Effect.For, Reference: fo.RequestReference,
			FulfillmentOrderID: fo.ID, ServiceID: fo.AssignedLocation.ServiceID, ServiceOptions: needed.ServiceOptions,
			Withdraw: call.Effect.Kind == fulfillment.EffectWithdraw,
		}
		return func(ctx context.Context) (provider.Answer, error) { return p.Provider.Cancel(ctx, cancellation) }
	default:
		request := requestOf(call, needed)
		return func(ctx context.Context) (provider.Answer, error) {
			if refused, err := p.chosen(ctx, &request); err != nil || refused != nil {
				return *cmp.Or(refused, new(provider.Answer)), err
			}
			return p.Provider.Create(ctx, request)
		}
	}
}

func requestOf(call ProviderCall, needed fulfillment.CallDetails) provider.Request {
	fo := call.State
	request := provider.Request{
		Key: call.Effect.Key, FulfillmentOrderID: fo.ID, OrderID: fo.OrderID, OrderName: fo.OrderName,
		ServiceID: fo.AssignedLocation.ServiceID, ServiceOptions: needed.ServiceOptions,
		Option: needed.ShippingOption, CurrencyCode: needed.CurrencyCode, From: needed.From,
		Destination:    needed.Destination,
		DeliveryMethod: fo.DeliveryMethod, FulfillBy: fo.FulfillBy,
	}
	for _, line := range fo.Lines {
		if line.Remaining > 0 {
			of := needed.Line(line.LineItemID)
			request.Lines = append(request.Lines, provider.RequestLine{
				LineID: line.ID, LineItemID: line.LineItemID,
				SKU: line.SKU, Title: line.Title, Quantity: line.Remaining,
				Grams: of.Weight.Grams(), UnitPrice: of.UnitPrice, HSCode: of.HarmonizedSystemCode,
				CountryOfOrigin: known(of.CountryCodeOfOrigin),
			})
		}
	}
	if n := len(fo.MerchantRequests); n > 0 {
		last := fo.MerchantRequests[n-1]
		request.Message = last.Message
		request.NotifyCustomer, _ = last.Options["notify_customer"].(bool)
	}
	return request
}

// chosen has the provider check the option that the order chose, with what the customer said to it. What it doesn't
// have the service can't take: that is a rejection, and nothing was sent.
func (p *Providers) chosen(ctx context.Context, r *provider.Request) (refused *provider.Answer, err error) {
	if r.Option == nil || r.Option.ID == "" {
		return nil, nil
	}
	option := provider.Option{ID: r.Option.ID} // The system may have ways of its own.
	options, err := p.Provider.Options(ctx)
	if i := slices.IndexFunc(options, func(o provider.Option) bool { return o.ID == r.Option.ID }); i >= 0 {
		option = options[i]
	}
	data := rate.DataOf(r.ServiceOptions, option)
	if err == nil {
		err = provider.CheckShips(options, r.Option.ID)
	}
	if err == nil {
		r.OptionData, err = p.Provider.ValidateData(ctx, data, r.Option.AnyData(), provider.Context{
			OrderID: r.OrderID, ServiceID: r.ServiceID, From: r.From, Destination: r.Destination,
			CurrencyCode: r.CurrencyCode, Lines: r.Lines,
		})
	}
	switch {
	case err == nil:
		r.ServiceOptions = data
		return nil, nil
	case provider.Classify(err) == provider.Permanent:
		return &provider.Answer{Outcome: fulfillment.OutcomeRejected, Reason: fulfillment.RejectOther,
			Message: err.Error()}, nil
	}
	// Nothing was sent yet, however it failed.
	return nil, &provider.Error{
		Class: provider.Retryable, RetryAfter: provider.RetryAfter(err), Message: "check the shipping option",
		Cause: err,
	}
}

// known is a country, but for the one that stands for what nobody knows.
func known(country string) string {
	if country == fulfillment.UnknownCountry {
		return ""
	}
	return country
}

// lost is what was called for the same order in a time that the store has lost.
func (p *Providers) lost(call ProviderCall, needed fulfillment.CallDetails) provider.Lost {
	return provider.Lost{
		Calls: needed.Lost,
		Options: func(service fulfillment.ID) map[string]any {
			if service != call.State.AssignedLocation.ServiceID {
				return nil
			}
			return needed.ServiceOptions
		},
		Claim: func(ctx context.Context, key string) (bool, error) {
			return p.Store.ClaimLostCall(ctx, key, call.Effect.Key)
		},
		Withdraw: func(ctx context.Context, lost fulfillment.LostCall, key string) (provider.Answer, error) {
			return p.Provider.Cancel(ctx, provider.Cancellation{
				Key: key, RequestKey: lost.Call.Key, FulfillmentOrderID: lost.FulfillmentOrderID,
				ServiceID: lost.Call.ServiceID, ServiceOptions: needed.ServiceOptions, Withdraw: true,
			})
		},
	}
}

func answerOf(call ProviderCall, a provider.Answer) fulfillment.ProviderAnswer {
	answer := fulfillment.ProviderAnswer{
		Meta: fulfillment.Meta{Actor: fulfillment.System}, // The workflow gives the command ID.
		Key:  call.Effect.Key, Outcome: a.Outcome, Reference: a.Reference, Reason: a.Reason, Message: a.Message,
		Lines: a.Lines, EstimatedShippedAt: a.EstimatedShippedAt, Attachments: a.Attachments(),
	}
	if a.Accepted != nil {
		answer.Accepted = make([]fulfillment.Quantity, len(a.Accepted)) // None is another answer than no list.
		for i, part := range a.Accepted {
			answer.Accepted[i] = fulfillment.Quantity{ID: part.LineID, Quantity: part.Quantity}
		}
	}
	return answer
}
