package easypost

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
)

// freshRates is how old the rates of a shipment may be when its label is bought.
const freshRates = time.Hour

// sending is what goes in parcels from one place to another.
type sending struct {
	options  Options
	call     Call
	from, to fulfillment.Address
	lines    []provider.RequestLine
	currency string
	order    string // its name, which is printed on labels
}

func (s sending) abroad() bool { return abroad(s.from, s.to) }

// Create buys the labels of a request.
func (p *Provider) Create(ctx context.Context, r provider.Request) (provider.Answer, error) {
	o, err := p.defaults.merge(r.ServiceOptions)
	if err != nil {
		return provider.Answer{}, err
	}
	o = o.chosen(r.Option)
	if r.Destination == nil {
		return reject(incorrectAddress, "There is no address to send parcels to."), nil
	}
	from, err := o.from(r.From)
	if err != nil {
		return provider.Answer{}, err
	}
	return p.send(ctx, sending{
		options: o, from: from, to: *r.Destination, lines: r.Lines, currency: r.CurrencyCode, order: r.OrderName,
		call: Call{
			Key: r.Key, Kind: fulfillment.EffectRequest, FulfillmentOrderID: r.FulfillmentOrderID,
			ServiceID: r.ServiceID, Notify: r.NotifyCustomer,
		},
	})
}

// CreateReturn buys the labels to send units back with. The addresses stay as they were for the way there: EasyPost
// turns them round.
func (p *Provider) CreateReturn(ctx context.Context, r provider.ReturnRequest) (provider.Answer, error) {
	o, err := p.defaults.merge(r.ServiceOptions)
	if err != nil {
		return provider.Answer{}, err
	}
	if r.PickUpFrom == nil {
		return reject(incorrectAddress, "There is no address to send the return from."), nil
	}
	from, err := o.from(nil)
	if err != nil {
		return provider.Answer{}, err
	}
	return p.send(ctx, sending{
		options: o, from: from, to: *r.PickUpFrom, lines: r.Lines, order: r.OrderName,
		call: Call{
			Key: r.Key, Kind: fulfillment.EffectReturn, FulfillmentOrderID: r.FulfillmentOrderID,
			ServiceID: r.ServiceID,
		},
	})
}

// send makes the shipments and buys their labels. It may be called again with the same key, whatever became of the
// calls before, and at the same time: it goes on where they stopped.
func (p *Provider) send(ctx context.Context, s sending) (provider.Answer, error) {
	if s.call.Key == "" {
		return provider.Answer{}, refuse("EasyPost's shipments need an idempotency key")
	}
	c, err := p.client(s.options)
	if err != nil {
		return provider.Answer{}, err
	}
	call, no, err := p.begin(ctx, s)
	if err != nil || no != nil {
		return answered(no), err
	}
	if s.options, err = call.options(p.defaults, s.options.APIKey); err != nil {
		return provider.Answer{}, err
	}
	if call.Ended != nil {
		return p.release(ctx, c, call)
	}
	shipments, no, err := p.make(ctx, c, s, &call)
	if err == nil && no == nil {
		no, err = p.buyAll(ctx, c, s, &call, shipments)
	}
	switch {
	case err != nil:
		return provider.Answer{}, err
	case no != nil:
		return p.giveUp(ctx, c, call, *no)
	}
	return p.accepted(ctx, c, s.options, call, shipments)
}

func answered(answer *provider.Answer) provider.Answer {
	if answer == nil {
		return provider.Answer{}
	}
	return *answer
}

// begin is the call as the ledger has it. All that can be checked here is checked before it is written there.
func (p *Provider) begin(ctx context.Context, s sending) (Call, *provider.Answer, error) {
	call := s.call
	parcels, no := pack(s.lines, s.options)
	if no == nil && s.abroad() {
		if no = declaration(s.lines); no == nil && s.options.signer(s.from) == "" {
			return Call{}, nil, refuse("somebody has to vouch for what customs are told: give the service the option " +
				"customs.signer")
		}
	}
	var err error
	if call.Options, err = s.options.stored(); err != nil {
		return Call{}, nil, refuse("options of EasyPost: %s", err)
	}
	call.CreatedAt, call.Parcels = p.config.Now().UTC(), parcels
	if no != nil { // The options may have been others when the call was begun: then it goes on.
		found := false
		if call, found, err = p.config.Ledger.Find(ctx, s.call.Key); err == nil && !found {
			return Call{}, no, nil
		}
	} else {
		call, err = p.config.Ledger.Begin(ctx, call)
	}
	if err != nil {
		return Call{}, nil, unwritten(provider.Retryable, err)
	}
	if call.FulfillmentOrderID != s.call.FulfillmentOrderID || call.Kind != s.call.Kind {
		return Call{}, nil, refuse("the key %s was used before, for something else", s.call.Key)
	}
	return call, nil, nil
}

func unwritten(class provider.Class, err error) error {
	return &provider.Error{Class: class, Message: "the ledger of EasyPost's shipments", Cause: err}
}

// make makes the shipments that are missing, and asks for the others. They are in the order of the parcels.
func (p *Provider) make(
	ctx context.Context, c client, s sending, call *Call,
) ([]shipment, *provider.Answer, error) {
	shipments := make([]shipment, len(call.Parcels))
	for i := range call.Parcels {
		parcel := &call.Parcels[i]
		if parcel.ShipmentID == "" {
			made, err := c.createShipment(ctx, s.body(*call, *parcel))
			if err != nil {
				v := judge(opCreate, err, s.abroad())
				return nil, v.answer, v.failure()
			}
			first, err := p.config.Ledger.Made(ctx, call.Key, parcel.Number, string(made.ID))
			if err != nil {
				return nil, nil, unwritten(provider.Retryable, err) // An unbought shipment is left behind, for nothing.
			}
			parcel.ShipmentID, shipments[i] = first, made
			if first == string(made.ID) {
				continue
			}
		}
		found, err := c.shipment(ctx, parcel.ShipmentID)
		if err != nil {
			v := judge(opAsk, err, s.abroad())
			return nil, v.answer, v.failure()
		}
		shipments[i] = found
	}
	return shipments, nil, nil
}

// failure is the verdict as an error; nil: it is an answer.
func (v verdict) failure() error {
	if v.err == nil {
		if v.look { // Only the purchase is answered so.
			return &provider.Error{Class: provider.Retryable, Message: "EasyPost is about to sell the label"}
		}
		return nil
	}
	return v.err
}

// body is a parcel's shipment, as EasyPost is asked for it.
func (s sending) body(call Call, parcel Parcel) newShipment {
	o := s.options
	body := newShipment{
		Reference: reference(call.Key, parcel.Number, len(call.Parcels)), To: addressOf(s.to), From: addressOf(s.from),
		Parcel:   newParcel{Weight: ounces(parcel.Grams), PredefinedPackage: o.PredefinedPackage},
		IsReturn: call.Kind == fulfillment.EffectReturn, CarrierAccounts: o.CarrierAccounts,
		Options: map[string]string{"label_format": o.LabelFormat},
	}
	if o.LabelSize != "" {
		body.Options["label_size"] = o.LabelSize
	}
	if s.order != "" {
		body.Options["print_custom_1"] = clip(s.order, 50)
	}
	if o.Parcel != nil {
		body.Parcel.Length, body.Parcel.Width, body.Parcel.Height = o.Parcel.Length, o.Parcel.Width, o.Parcel.Height
	}
	if s.abroad() {
		body.Customs = o.customs(parcel, s.lines, s.currency, o.signer(s.from))
	}
	return body
}

// reference is what a parcel's shipment is called at EasyPost: the key, with the parcel's number where there are
// several.
func reference(key string, number, of int) string {
	if of == 1 {
		return provider.PathKey(key)
	}
	return provider.PathKey(key) + "-" + strconv.Itoa(number)
}

// carriersWords is what the carriers say instead of rates.
func carriersWords(s shipment) string {
	var words []string
	for _, m := range s.Messages {
		if m.Message != "" {
			words = append(words, firstOf(string(m.Carrier), "a carrier")+": "+string(m.Message))
		}
	}
	return strings.Join(words, "; ")
}

// options are the options of a call as they were when it began, with the API key's name as it is now.
func (c Call) options(defaults Options, apiKey string) (Options, error) {
	o := defaults.clone()
	if err := json.Unmarshal(c.Options, &o); err != nil {
		return Options{}, refuse("the options of %s in the ledger can't be read: %s", c.Key, err)
	}
	if apiKey != "" {
		o.APIKey = apiKey
	}
	return o, nil
}
