package fulfillment

import (
	"net/url"
	"strings"
)

// carrierURLs are the tracking pages of carriers, by name in lower case. The escaped number replaces {}. Only pages
// that show a parcel by its number alone belong here: not those that also ask for its postcode or date.
var carrierURLs = map[string]string{
	"4px":                 "https://track.4px.com/#/result/0/{}",
	"amazon":              "https://track.amazon.com/tracking/{}",
	"amazon logistics":    "https://track.amazon.com/tracking/{}",
	"amazon logistics uk": "https://track.amazon.com/tracking/{}",
	"an post":             "https://www.anpost.com/Post-Parcels/Track/History?item={}",
	"aramex australia":    "https://www.aramex.com.au/tools/track?l={}",
	"aras kargo":          "https://kargotakip.araskargo.com.tr/mainpage.aspx?code={}",
	"asendia usa":         "https://a1.asendiausa.com/tracking/?trackingnumber={}",
	"australia post":      "https://auspost.com.au/mypost/track/#/details/{}",
	"bluedart":            "https://www.bluedart.com/trackdartresultthirdparty?trackFor=0&trackNo={}",
	"bpost":               "https://track.bpost.cloud/btr/web/#/search?itemCode={}",
	"bring":               "https://tracking.bring.com/tracking/{}",
	"brt":                 "https://vas.brt.it/vas/sped_det_show.hsm?referer=sped_numspe_par.htm&Nspediz={}",
	"canada post":         "https://www.canadapost-postescanada.ca/track-reperage/en#/search?searchFor={}",
	"canpar":              "https://www.canpar.com/en/track/tracking.jsp?reference={}&locale=en",
	"chronopost":          "https://www.chronopost.fr/tracking-no-cms/suivi-page?listeNumerosLT={}",
	"colissimo":           "https://www.laposte.fr/outils/suivre-vos-envois?code={}",
	"coordinadora":        "https://coordinadora.com/rastreo/rastreo-de-guia/detalle-de-rastreo-de-guia/?guia={}",
	"correios":            "https://rastreamento.correios.com.br/app/index.php?objetos={}",
	"correos":             "https://www.correos.es/es/es/herramientas/localizador/envios/detalle?tracking-number={}",
	"couriers please":     "https://www.couriersplease.com.au/tools-track/no/{}",
	"ctt":                 "https://www.ctt.pt/feapl_2/app/open/objectSearch/objectSearch.jspx?objects={}",
	"ctt express":         "https://www.cttexpress.com/localizador-de-envios/?sc={}",
	"delhivery":           "https://www.delhivery.com/track/package/{}",
	"deutsche post":       "https://www.deutschepost.de/sendung/simpleQuery.html?form.sendungsnummer={}",
	"dhl":                 "https://www.dhl.com/en/express/tracking.html?AWB={}",
	"dhl ecommerce":       "https://webtrack.dhlecs.com/?trackingnumber={}",
	"dhl ecommerce asia":  "https://ecommerceportal.dhl.com/track/?ref={}",
	"dhl express":         "https://www.dhl.com/en/express/tracking.html?AWB={}",
	"dpd":                 "https://tracking.dpd.de/status/en_US/parcel/{}",
	"ecom express":        "https://ecomexpress.in/tracking/?awb_field={}",
	"ekart":               "https://ekartlogistics.com/shipmenttrack/{}",
	"estes":               "https://www.estes-express.com/myestes/shipment-tracking/?query={}&type=PRO",
	"evri":                "https://www.evri.com/track/parcel/{}",
	"fedex":               "https://www.fedex.com/fedextrack/?trknbr={}",
	"gls":                 "https://gls-group.com/track/{}",
	"gls italy": "https://www.gls-italy.com/?" +
		"option=com_gls&view=track_e_trace&mode=search&numero_spedizione={}&tipo_codice=nazionale",
	"hermes":      "https://www.evri.com/track/parcel/{}",
	"inpost":      "https://inpost.pl/sledzenie-przesylek?number={}",
	"israel post": "https://mypost.israelpost.co.il/itemtrace?itemcode={}",
	"japan post (en)": "https://trackings.post.japanpost.jp/services/srv/search/direct?" +
		"searchKind=S004&locale=en&reqCodeNo1={}",
	"japan post (ja)": "https://trackings.post.japanpost.jp/services/srv/search/direct?" +
		"searchKind=S004&locale=ja&reqCodeNo1={}",
	"la poste":           "https://www.laposte.fr/outils/suivre-vos-envois?code={}",
	"la poste colissimo": "https://www.laposte.fr/outils/suivre-vos-envois?code={}",
	"lasership":          "https://www.ontrac.com/tracking/?number={}",
	"lietuvos paštas":    "https://www.post.lt/siuntu-sekimas?parcels={}",
	"new zealand post":   "https://www.nzpost.co.nz/tools/tracking/item/{}",
	"old dominion":       "https://www.odfl.com/us/en/tools/trace-track-ltl-freight/trace.html?proNumbers={}",
	"ontrac":             "https://www.ontrac.com/tracking/?number={}",
	"packeta":            "https://tracking.packeta.com/en/?id={}",
	"parcelforce":        "https://www.parcelforce.com/track-trace?trackNumber={}",
	"pitney bowes":       "https://tracking.pb.com/{}",
	"portal postnord":    "https://portal.postnord.com/tracking/details/{}",
	"poste italiane":     "https://www.poste.it/cerca/index.html#/risultati-spedizioni/{}",
	"postnl":             "https://postnl.post/track?B={}",
	"postnord dk":        "https://tracking.postnord.com/dk/?id={}",
	"postnord no":        "https://tracking.postnord.com/no/?id={}",
	"postnord se":        "https://tracking.postnord.com/se/?id={}",
	"ptt":                "https://gonderitakip.ptt.gov.tr/Track/Verify?q={}",
	"purolator":          "https://www.purolator.com/en/shipping/tracker?pins={}",
	"r+l carriers":       "https://www2.rlcarriers.com/freight/shipping/shipment-tracing?pro={}&docType=PRO",
	"royal mail":         "https://www.royalmail.com/track-your-item#/tracking-results/{}",
	"sagawa (ja)":        "https://k2k.sagawa-exp.co.jp/p/web/okurijosearch.do?okurijoNo={}",
	"sendle":             "https://track.sendle.com/tracking?ref={}",
	"seur":               "https://www.seur.com/livetracking/?segOnlineIdentificador={}",
	"sf express":         "https://www.sf-express.com/chn/en/waybill/waybill-detail/{}",
	"shadowfax":          "https://tracker.shadowfax.in/#/track?awb={}",
	"speedy":             "https://www.speedy.bg/bg/track-shipment?shipmentNumber={}",
	"startrack":          "https://startrack.com.au/track/details/{}",
	"swiss post":         "https://service.post.ch/ekp-web/ui/entry/search/{}",
	"sürat kargo":        "https://www.suratkargo.com.tr/KargoTakip/?kargotakipno={}",
	"tnt": "https://www.tnt.com/express/en_gb/site/shipping-tools/tracking.html?" +
		"searchType=con&cons={}",
	"tnt australia": "https://www.tnt.com/express/en_au/site/shipping-tools/tracking.html?" +
		"searchType=con&cons={}",
	"toll ipec":            "https://www.mytoll.com/?externalSearchQuery={}&op=Search&url=",
	"ups":                  "https://www.ups.com/track?tracknum={}",
	"usps":                 "https://tools.usps.com/go/TrackConfirmAction?tLabels={}",
	"wanbexpress":          "https://tracking.wanbexpress.com/?trackingNumbers={}",
	"whistl":               "https://trackmyitem.whistl.co.uk/tracking/{}",
	"yamato (ja)":          "https://member.kms.kuronekoyamato.co.jp/parcel/detail?pno={}",
	"yodel":                "https://www.yodel.co.uk/tracking/{}",
	"yunexpress":           "https://www.yuntrack.com/parcelTracking?id={}",
	"yurtiçi kargo":        "https://www.yurticikargo.com/tr/online-servisler/gonderi-sorgula?code={}",
	"zásilkovna":           "https://tracking.packeta.com/en/?id={}",
	"österreichische post": "https://www.post.at/sv/sendungsdetails?snr={}",
	"日本通運":                 "https://lp-trace.nittsu.co.jp/web/webarpaa702.srv?LANG=JP&officeselect2=&denpyoNo1={}",
	"福山通運":                 "https://corp.fukutsu.co.jp/situation/tracking_no_hunt/{}",
	"西濃運輸":                 "https://track.seino.co.jp/cgi-bin/gnpquery.pgm?GNPNO1={}",
}

// CarrierURL is the tracking page for a number of the company, in whichever case that is spelled; empty if none is
// known.
func CarrierURL(company, number string) string {
	page, known := carrierURLs[strings.ToLower(strings.TrimSpace(company))]
	if !known || number == "" {
		return ""
	}
	// Escaped like this the number fits both into a path and into a query.
	return strings.Replace(page, "{}", strings.ReplaceAll(url.QueryEscape(number), "+", "%20"), 1)
}
