package carrier_test

import (
	"maps"
	"slices"
	"testing"

	"packhorse/internal/fulfillment"
)

// noPage are the companies of Shopify's list that have no tracking page here, by the reason. A page is taken from the
// carrier, or from two sources that agree: a wrong one sends the customer astray, none at all leaves them the number.
var noPage = map[string][]string{
	"its page shows nothing for a number alone: it wants the postcode, or a signature": {
		"Colis Privé", "Cyprus Post", "DPD Local", "DPD UK", "Mondial Relay",
	},
	"its page takes numbers typed in, not in its address": {
		"DPD Ireland", "India Post", "Sagawa (EN)", "Yamato (EN)",
	},
	"the name is that of several carriers, each with a page of its own": {
		"China Post", "DHL Parcel", "Fastway", "NinjaVan",
	},
	"sources contradict each other": {
		"ACS Courier", "DTDC", "Singapore Post", "Southwest Air Cargo", "Swiship", "Venipak", "XpressBees",
	},
	"its page is known without encryption alone": {
		"Anjun Logistics", "SFC Fulfillment",
	},
	"none is confirmed, neither by the carrier nor by two sources": {
		"AGS", "Alliance Air Freight", "Allied Express", "APC", "Bonds", "Bonshaw", "BoxKnight",
		"BPost International", "CDL Last Mile", "Chukou1", "Comingle", "Delnext", "Deutsche Post (DE)",
		"Deutsche Post (EN)", "Direct Couriers", "DTD Express", "DX", "Eagle", "First Global Logistics",
		"First Line", "FSC", "Fulfilla", "Gati KWE", "GO Logistics",
		"Guangdong Weisuyi Information Technology (WSE)", "Heppner Internationale Spedition GmbH & Co.",
		"Hunter Express", "Iceland Post", "IDEX", "Intelcom", "La Poste Burkina Faso", "Latvia Post", "Logisters",
		"Lone Star Overnight", "Loomis", "LSO", "M3 Logistics", "Meteor Space",
		"North Russia Supply Chain (Shenzhen) Co.", "Northline", "Pago Logistics", "Pandion", "Pilot Freight",
		"Ping An Da Tengfei Express", "Professional Couriers", "Qxpress", "Qyun Express", "Royal Shipments",
		"ShipBob", "SHREE NANDAN COURIER", "Skynet", "Step Forward Freight", "TForce Final Mile", "Tinghao",
		"Tuffnells", "United Delivery Service", "We Post", "Wizmo", "WMYC", "Xpedigo", "XPO Logistics",
		"YiFan Express", "エコ配", "名鉄運輸", "第一貨物", "西濃スーパーエキスプレス",
	},
}

// TestPages: each company of Shopify's list has a tracking page, or is known to have none, and not both.
func TestPages(t *testing.T) {
	t.Parallel()
	names := companies(t)
	slices.Sort(names)
	names = slices.Compact(names) // Some are worldwide and by country.
	pageless := slices.Concat(slices.Collect(maps.Values(noPage))...)
	for _, name := range names {
		switch has, none := fulfillment.CarrierURL(name, "1") != "", slices.Contains(pageless, name); {
		case has && none:
			t.Errorf("%s has a page and stands among those without", name)
		case !has && !none:
			t.Errorf("%s has no page, and does not stand among those without", name)
		}
	}
	slices.Sort(pageless)
	for i, name := range pageless {
		if !slices.Contains(names, name) {
			t.Errorf("%s stands among those without a page and is not in the list", name)
		}
		if i > 0 && name == pageless[i-1] {
			t.Errorf("%s stands twice among those without a page", name)
		}
	}
}
