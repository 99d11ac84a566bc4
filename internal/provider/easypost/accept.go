package easypost

import (
	"context"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
)

// accepted is the answer when all labels are bought: the same one whenever it is asked for.
func (p *Provider) accepted(
	ctx context.Context, c client, o Options, call Call, shipments []shipment,
) (provider.Answer, error) {
	answer := provider.Answer{Outcome: fulfillment.OutcomeAccepted, Reference: string(shipments[0].ID)}
	var rates []rate
	var ids, trackers []string
	for i, sh := range shipments {
		sh, err := p.printable(ctx, c, o, sh)
		if err != nil {
			return provider.Answer{}, err
		}
		shipments[i] = sh
		answer.Labels = append(answer.Labels, fulfillment.Label{
			TrackingNumber: sh.trackingCode(), TrackingURL: webAddress(string(sh.tracker().PublicURL)),
			LabelURL: labelURL(sh.label(), o.LabelFormat),
		})
		for _, f := range sh.forms() {
			answer.Documents = append(answer.Documents, formDocument(f, sh))
		}
		rates = append(rates, sh.selected())
		ids, trackers = append(ids, string(sh.ID)), append(trackers, string(sh.tracker().ID))
		if call.Kind == fulfillment.EffectRequest && o.Ship == ShipAtOnce {
			answer.News = append(answer.News, shipped(call, call.Parcels[i])...)
		}
	}
	first := rates[0]
	answer.Data = map[string]any{
		"carrier": string(first.Carrier), "service": string(first.Service), "rate": sum(rates),
		"currency": string(first.Currency), "shipments": ids, "trackers": trackers,
	}
	if until := voidableUntil(call.Parcels); !until.IsZero() {
		answer.Data["voidableUntil"] = until.Format(time.RFC3339)
	}
	return answer, nil
}

// printable is a shipment with its label in the format, and with the forms, that the options ask for. What EasyPost
// can't make for this parcel is left out, and logged: the label is paid for.
func (p *Provider) printable(ctx context.Context, c client, o Options, sh shipment) (shipment, error) {
	if !hasFormat(sh.label(), o.LabelFormat) {
		converted, err := c.convertLabel(ctx, string(sh.ID), o.LabelFormat)
		switch v := judge(opAsk, err, false); {
		case err == nil && converted.bought():
			sh.Label = converted.Label
		case err != nil && v.err != nil && v.err.Class != provider.Permanent:
			return shipment{}, v.err
		default:
			p.config.Logger.WarnContext(ctx, "EasyPost does not give the label in the wanted format",
				"shipment", string(sh.ID), "format", o.LabelFormat, "error", err)
		}
	}
	for _, kind := range o.Forms {
		if slices.ContainsFunc(sh.Forms, func(f form) bool { return string(f.Type) == kind }) {
			continue
		}
		with, err := c.createForm(ctx, string(sh.ID), kind)
		switch v := judge(opAsk, err, false); {
		case err == nil:
			sh.Forms = with.Forms
		case v.err != nil && v.err.Class != provider.Permanent:
			return shipment{}, v.err
		default:
			p.config.Logger.WarnContext(ctx, "EasyPost does not make a form",
				"shipment", string(sh.ID), "form", kind, "error", err)
		}
	}
	return sh, nil
}

// hasFormat tells whether a label is to be had in a format.
func hasFormat(l label, format string) bool {
	switch format {
	case "PDF":
		return l.PDF != "" || strings.HasSuffix(string(l.FileType), "/pdf")
	case "ZPL":
		return l.ZPL != "" || strings.HasSuffix(string(l.FileType), "zpl")
	case "EPL2":
		return l.EPL2 != "" || strings.HasSuffix(string(l.FileType), "epl2")
	}
	return true
}

// labelURL is where to get a label in a format, or in the one that there is.
func labelURL(l label, format string) string {
	in := map[string]text{"PDF": l.PDF, "ZPL": l.ZPL, "EPL2": l.EPL2}[format]
	return webAddress(firstOf(string(in), string(l.URL), string(l.PDF), string(l.ZPL), string(l.EPL2)))
}

// formDocument is a form as a document.
func formDocument(f form, of shipment) provider.Document {
	kind := fulfillment.DocumentInvoice
	switch {
	case strings.Contains(string(f.Type), "return") || strings.HasPrefix(string(f.Type), "rma"):
		kind = fulfillment.DocumentReturn
	case strings.Contains(string(f.Type), "label") && !strings.HasPrefix(string(f.Type), "cod"):
		kind = fulfillment.DocumentLabel
	}
	address := webAddress(string(f.URL))
	return provider.Document{Document: fulfillment.Document{
		Kind: kind, Name: fileName(string(f.Type), of, address), ContentType: contentType(address), URL: address,
	}}
}

// fileName is such as "label-9400100110368070372185.png".
func fileName(what string, of shipment, address string) string {
	return firstOf(what, "form") + "-" + firstOf(of.trackingCode(), string(of.ID)) + extension(address)
}

func extension(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.ToLower(path.Ext(u.Path))
}

// contentType is told by the end of the address.
func contentType(address string) string {
	switch extension(address) {
	case ".png":
		return "image/png"
	case ".pdf":
		return "application/pdf"
	}
	return "application/octet-stream" // ZPL and EPL2 have no registered type.
}

// webAddress is the address as it can be followed, or nothing if it is none of the web.
func webAddress(address string) string {
	address = fulfillment.EncodeURL(address)
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil {
		return ""
	}
	return address
}

// How long carriers take a label back; of the others it isn't known.
const (
	voidUSPS = 28 * 24 * time.Hour
	voidUPS  = 90 * 24 * time.Hour
)

// voidableUntil is until when all labels can be given back; zero: it isn't known.
func voidableUntil(parcels []Parcel) time.Time {
	var until time.Time
	for _, p := range parcels {
		var end time.Time
		switch company(p.Purchase.Carrier) {
		case "USPS":
			end = p.Purchase.At.Add(voidUSPS)
		case "UPS":
			end = p.Purchase.At.Add(voidUPS)
		default:
			return time.Time{}
		}
		if until.IsZero() || end.Before(until) {
			until = end
		}
	}
	return until
}
