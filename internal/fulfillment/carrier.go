package fulfillment

import (
	"net/url"
	"strings"
)

// carrierURLs are the tracking pages of well-known carriers, by name in lower case. The escaped number replaces {}.
var carrierURLs = map[string]string{
	"amazon":              "https://track.amazon.com/tracking/{}",
	"amazon logistics uk": "https://track.amazon.com/tracking/{}",
	"amazon logistics":    "https://track.amazon.com/tracking/{}",
	"australia post":      "https://auspost.com.au/mypost/track/#/details/{}",
	"canada post":         "https://www.canadapost-postescanada.ca/track-reperage/en#/search?searchFor={}",
	"canpar":              "https://www.canpar.com/en/track/tracking.jsp?reference={}&locale=en",
	"colissimo":           "https://www.laposte.fr/outils/suivre-vos-envois?code={}",
	"correios":            "https://rastreamento.correios.com.br/app/index.php?objetos={}",
	"deutsche post":       "https://www.deutschepost.de/sendung/simpleQuery.html?form.sendungsnummer={}",
	"dhl":                 "https://www.dhl.com/en/express/tracking.html?AWB={}",
	"dhl ecommerce":       "https://webtrack.dhlecs.com/?trackingnumber={}",
	"dhl express":         "https://www.dhl.com/en/express/tracking.html?AWB={}",
	"dpd":                 "https://tracking.dpd.de/status/en_US/parcel/{}",
	"evri":                "https://www.evri.com/track/parcel/{}",
	"fedex":               "https://www.fedex.com/fedextrack/?trknbr={}",
	"gls":                 "https://gls-group.com/track/{}",
	"hermes":              "https://www.evri.com/track/parcel/{}",
	"inpost":              "https://inpost.pl/sledzenie-przesylek?number={}",
	"la poste":            "https://www.laposte.fr/outils/suivre-vos-envois?code={}",
	"la poste colissimo":  "https://www.laposte.fr/outils/suivre-vos-envois?code={}",
	"lasership":           "https://www.ontrac.com/tracking/?number={}",
	"old dominion":        "https://www.odfl.com/us/en/tools/trace-track-ltl-freight/trace.html?proNumbers={}",
	"ontrac":              "https://www.ontrac.com/tracking/?number={}",
	"postnl":              "https://postnl.post/track?B={}",
	"purolator":           "https://www.purolator.com/en/shipping/tracker?pins={}",
	"royal mail":          "https://www.royalmail.com/track-your-item#/tracking-results/{}",
	"swiss post":          "https://service.post.ch/ekp-web/ui/entry/search/{}",
	"ups":                 "https://www.ups.com/track?tracknum={}",
	"usps":                "https://tools.usps.com/go/TrackConfirmAction?tLabels={}",
	"yodel":               "https://www.yodel.co.uk/tracking/{}",
	"yunexpress":          "https://www.yuntrack.com/parcelTracking?id={}",
}

// carrierURL is the tracking page of a known carrier for the number; empty if the carrier is not known.
func carrierURL(company, number string) string {
	page, known := carrierURLs[strings.ToLower(strings.TrimSpace(company))]
	if !known || number == "" {
		return ""
	}
	// Escaped like this the number fits both into a path and into a query.
	return strings.Replace(page, "{}", strings.ReplaceAll(url.QueryEscape(number), "+", "%20"), 1)
}
