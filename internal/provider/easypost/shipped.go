package easypost

import (
	"strings"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
)

// companies are the names that Shopify has for carriers, by the beginnings of those that EasyPost has, longest first.
var companies = []struct{ easypost, shopify string }{
	{"dhlecs", "DHL eCommerce"}, {"dhlecommerce", "DHL eCommerce"}, {"dhlexpress", "DHL Express"},
	{"canadapost", "Canada Post"}, {"royalmail", "Royal Mail"}, {"ontrac", "OnTrac"}, {"purolator", "Purolator"},
	{"usps", "USPS"}, {"ups", "UPS"}, {"fedex", "FedEx"},
}

// company is a carrier's name as Shopify writes it, or EasyPost's own.
func company(carrier string) string {
	lower := strings.ToLower(carrier)
	for _, c := range companies {
		if strings.HasPrefix(lower, c.easypost) {
			return c.shopify
		}
	}
	return carrier
}

// subject is what news of a parcel is about.
func subject(call Call, parcel Parcel) provider.Subject {
	return provider.Subject{
		FulfillmentOrderID: call.FulfillmentOrderID, RequestKey: call.Key, Reference: parcel.ShipmentID,
		Shipment: parcel.ShipmentID, TrackingNumber: parcel.Purchase.TrackingCode, Carrier: parcel.Purchase.Carrier,
	}
}

// shipped is the news that a parcel goes on its way, the same whenever it is told.
func shipped(call Call, parcel Parcel) []provider.News {
	create := &fulfillment.CreateFulfillment{
		Tracking: &fulfillment.TrackingInput{
			Company: company(parcel.Purchase.Carrier), Number: parcel.Purchase.TrackingCode,
			URL: parcel.Purchase.TrackingURL,
		},
		NotifyCustomer: call.Notify,
	}
	if len(call.Parcels) > 1 { // Of a single parcel: all that remains.
		create.Lines = parcel.Units
	}
	at := parcel.Purchase.At
	about := subject(call, parcel)
	return []provider.News{
		{ID: parcel.ShipmentID + "/shipped", About: about, Service: call.ServiceID, Command: create},
		{ID: parcel.ShipmentID + "/label_purchased", About: about, Service: call.ServiceID,
			Command: &fulfillment.RecordEvent{Status: fulfillment.EventLabelPurchased, HappenedAt: &at}},
	}
}
