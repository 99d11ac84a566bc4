package easypost

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"packhorse/internal/provider"
)

const (
	lookedAtOnce = 20                   // parcels that one call of Changes looks at
	followedFor  = 120 * 24 * time.Hour // after it, carriers use numbers again
	strayFor     = 7 * 24 * time.Hour   // how long a label may still be bought for a call that has ended
)

// DefaultLookEvery is how often a parcel or refund is looked at, unless Config says otherwise.
const DefaultLookEvery = 6 * time.Hour

// Changes looks at parcels that nobody has looked at for a while: what carriers say of them, and what became of
// refunds, of which no event tells when they are refused. The cursor names the parcels that were told last: they count
// as looked at when it comes back.
func (p *Provider) Changes(
	ctx context.Context, of provider.Polled, cursor string,
) (news []provider.News, next string, more bool, err error) {
	o, err := p.defaults.merge(of.ServiceOptions)
	if err != nil {
		return nil, "", false, err
	}
	c, err := p.client(o)
	if err != nil {
		return nil, "", false, err
	}
	now := p.config.Now().UTC()
	if looked, finished := parseCursor(cursor); len(looked) > 0 {
		if err := p.config.Ledger.Looked(ctx, looked, finished, now); err != nil {
			return nil, "", false, unwritten(provider.Retryable, err)
		}
	}
	due, err := p.config.Ledger.Due(ctx, of.ServiceID, now.Add(-p.config.LookEvery), lookedAtOnce)
	if err != nil {
		return nil, "", false, unwritten(provider.Retryable, err)
	}
	var told []string
	for _, d := range due {
		about, finished, err := p.look(ctx, c, d, now)
		if err != nil {
			return nil, "", false, err
		}
		news = append(news, about...)
		id := strconv.FormatInt(d.Parcel.ID, 10)
		if finished {
			id += "f"
		}
		told = append(told, id)
	}
	return news, strings.Join(told, ","), len(due) == lookedAtOnce, nil
}

// parseCursor reads a cursor of Changes; what it doesn't know it leaves out: a parcel is then looked at again.
func parseCursor(cursor string) (looked, finished []int64) {
	for part := range strings.SplitSeq(cursor, ",") {
		number, done := strings.CutSuffix(part, "f")
		id, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			continue
		}
		looked = append(looked, id)
		if done {
			finished = append(finished, id)
		}
	}
	return looked, finished
}

// look asks EasyPost for a parcel.
func (p *Provider) look(ctx context.Context, c client, d Due, now time.Time) ([]provider.News, bool, error) {
	sh, err := c.shipment(ctx, d.Parcel.ShipmentID)
	switch {
	case notFound(err), ofAnotherMode(err):
		p.config.Logger.WarnContext(ctx, "EasyPost does not know a shipment any more; was the account's key changed?",
			"shipment", d.Parcel.ShipmentID)
		return nil, now.Sub(d.Call.CreatedAt) > strayFor, nil
	case err != nil:
		return nil, false, judge(opAsk, err, false).failure()
	case !sh.bought():
		return nil, now.Sub(d.Call.CreatedAt) > strayFor, nil
	case d.Call.Ended != nil && sh.RefundStatus == "" && !sh.moving():
		// The label was bought after all when the call had ended, or EasyPost has refused to give it back.
		refused := d.lost(d.Parcel.RefundStatus)
		return refused, len(refused) > 0, p.releaseParcel(ctx, c, d.Parcel)
	}
	if err := p.noteRefund(ctx, d, sh); err != nil {
		return nil, false, err
	}
	t := sh.tracker()
	if t.ID == "" || t.Status == "error" { // EasyPost follows it when it is asked to.
		if asked, err := c.createTracker(ctx, sh.trackingCode(), string(sh.selected().Carrier)); err == nil {
			t = asked
		}
	}
	news, err := p.follow(t, d.Call, d.Parcel)
	if err != nil {
		return nil, false, err
	}
	refused := d.lost(string(sh.RefundStatus))
	news = append(news, refused...)
	ended := slices.Contains([]string{"delivered", "return_to_sender", "failure", "cancelled"}, string(t.Status))
	waiting := sh.RefundStatus == refundSubmitted
	ended = ended || sh.RefundStatus == refundDone || len(refused) > 0 && !sh.moving()
	return news, !waiting && ended || now.Sub(d.Call.CreatedAt) > followedFor, nil
}

// lost tells a person of a label that nobody uses and that is not paid back: nothing else tells of it. It is told
// whenever the parcel is looked at, and kept once.
func (d Due) lost(refundStatus string) []provider.News {
	if d.Call.Ended == nil || refundStatus != refundRejected && refundStatus != refundNotApplicable {
		return nil
	}
	return []provider.News{{
		ID: "refund/" + d.Parcel.ShipmentID + "/" + refundStatus, About: subject(d.Call, d.Parcel),
		Service: d.Call.ServiceID, Notice: &provider.Notice{
			Kind: provider.RefundRefused,
			Message: clip(fmt.Sprintf("The label %s (%s) was given back, and the carrier doesn't refund it (%s): it "+
				"was paid for. Dispute it with EasyPost, naming the shipment.", d.Parcel.Purchase.TrackingCode,
				d.Parcel.ShipmentID, refundStatus), longestWords),
		},
	}}
}

// noteRefund keeps how a refund stands. One that is refused is money lost.
func (p *Provider) noteRefund(ctx context.Context, d Due, sh shipment) error {
	status := string(sh.RefundStatus)
	if status == d.Parcel.RefundStatus {
		return nil
	}
	if status == refundRejected {
		p.config.Logger.WarnContext(ctx, "the carrier has refused to refund a label; it was paid for",
			"fulfillmentOrder", d.Call.FulfillmentOrderID, "shipment", d.Parcel.ShipmentID)
	}
	if err := p.config.Ledger.Refund(ctx, d.Parcel.ID, status); err != nil {
		return unwritten(provider.Retryable, err)
	}
	return nil
}
