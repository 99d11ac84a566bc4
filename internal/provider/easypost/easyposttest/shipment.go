package easyposttest

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Shipment is a parcel, as the server has it.
type Shipment struct {
	ID           string
	Reference    string
	TrackingCode string // of a label that was sold
	RefundStatus string
	CreatedAt    time.Time
	Sent         map[string]any   // the shipment that was asked for
	Rates        []map[string]any // what it costs

	fields   map[string]any // of the object
	label    map[string]any
	selected map[string]any
	forms    []any
	fees     []any
	messages []any
	tracker  *tracker
	refundAt time.Time // when the refund is decided
}

// Bought tells whether its label was sold.
func (s Shipment) Bought() bool { return s.label != nil }

// decided is how long a carrier takes to decide a refund.
const decided = 15 * 24 * time.Hour

// pass decides the refunds whose time has come.
func (s *Server) pass() {
	for _, sh := range s.shipments {
		if sh.RefundStatus == "submitted" && !s.now.Before(sh.refundAt) {
			sh.RefundStatus = "refunded"
			if s.refuse || sh.tracker.moving() {
				sh.RefundStatus = "rejected"
			}
		}
	}
}

// find is the shipment with this ID, or else the last one with this reference.
func (s *Server) find(id string) *Shipment {
	for _, sh := range slices.Backward(s.shipments) {
		if sh.ID == id || sh.Reference != "" && sh.Reference == id {
			return sh
		}
	}
	return nil
}

func (s *Server) createShipment(body map[string]any) (int, any) {
	sent, _ := body["shipment"].(map[string]any)
	blank := func(field string) (int, any) {
		return failure(http.StatusUnprocessableEntity, "PARAMETER.REQUIRED", "Missing required parameter.",
			map[string]any{"field": field, "message": "cannot be blank"})
	}
	if len(sent) == 0 {
		return blank("shipment")
	}
	to, _ := sent["to_address"].(map[string]any)
	from, _ := sent["from_address"].(map[string]any)
	parcel, _ := sent["parcel"].(map[string]any)
	switch {
	case len(to) == 0:
		return blank("to_address")
	case len(from) == 0:
		return blank("from_address")
	case len(parcel) == 0:
		return blank("parcel")
	}
	if weight, ok := parcel["weight"].(float64); !ok || weight <= 0 {
		return blank("parcel.weight")
	}
	if text(to, "zip") == "00000" {
		return failure(http.StatusUnprocessableEntity, "ADDRESS.VERIFY.FAILURE", "Unable to verify address.",
			map[string]any{"code": "E.ADDRESS.NOT_FOUND", "field": "address", "message": "Address not found"})
	}
	sh := &Shipment{CreatedAt: s.now, Sent: sent, Reference: text(sent, "reference"), messages: []any{}, forms: []any{},
		fees: []any{}}
	sh.fields = s.object("shp", "Shipment", map[string]any{
		"batch_id": nil, "batch_message": nil, "batch_status": nil, "insurance": nil, "order_id": nil, "scan_form": nil,
		"status": "unknown", "usps_zone": 4, "is_return": sent["is_return"] == true, "customs_info": nil,
		"to_address": s.address(to), "from_address": s.address(from),
	})
	if sh.Reference != "" {
		sh.fields["reference"] = sh.Reference
	} else {
		sh.fields["reference"] = nil
	}
	sh.fields["buyer_address"], sh.fields["return_address"] = sh.fields["to_address"], sh.fields["from_address"]
	sh.fields["parcel"] = s.object("prcl", "Parcel", map[string]any{
		"length": parcel["length"], "width": parcel["width"], "height": parcel["height"], "weight": parcel["weight"],
		"predefined_package": parcel["predefined_package"],
	})
	options := map[string]any{"currency": "USD", "date_advance": 0, "payment": map[string]any{"type": "SENDER"}}
	asked, _ := sent["options"].(map[string]any)
	maps.Copy(options, asked)
	sh.fields["options"] = options
	if customs, ok := sent["customs_info"].(map[string]any); ok {
		sh.fields["customs_info"] = s.object("cstinfo", "CustomsInfo", customs)
	}
	sh.ID = sh.fields["id"].(string)
	s.shipments = append(s.shipments, sh)
	s.rate(sh)
	return http.StatusCreated, sh.body()
}

func (s *Server) address(sent map[string]any) map[string]any {
	fields := map[string]any{"verifications": map[string]any{}}
	for _, name := range []string{
		"carrier_facility", "city", "company", "country", "email", "federal_tax_id", "name", "phone", "residential",
		"state", "state_tax_id", "street1", "street2", "zip",
	} {
		fields[name] = sent[name]
	}
	return s.object("adr", "Address", fields)
}

// Rates are what carriers ask for, as they were recorded.
var Rates = []struct {
	Carrier, Service, Rate string
	Days                   int
}{{"USPS", "Express", "33.10", 2}, {"USPS", "Priority", "6.90", 2}, {"USPS", "GroundAdvantage", "5.93", 3}}

// rate asks the carriers anew.
func (s *Server) rate(sh *Shipment) {
	sh.Rates, sh.messages = []map[string]any{}, []any{}
	to, _ := sh.Sent["to_address"].(map[string]any)
	from, _ := sh.Sent["from_address"].(map[string]any)
	words := s.noRates
	if words == "" && text(to, "country") != text(from, "country") && sh.Sent["customs_info"] == nil &&
		text(to, "country")+text(from, "country") != "DEFR" {
		words = "shipment.customs_info: field required"
	}
	if words != "" {
		sh.messages = append(sh.messages, map[string]any{
			"carrier": "USPS", "carrier_account_id": "ca_1", "type": "rate_error", "message": words,
		})
		return
	}
	for _, r := range Rates {
		sh.Rates = append(sh.Rates, s.object("rate", "Rate", map[string]any{
			"billing_type": "easypost", "carrier": r.Carrier, "carrier_account_id": "ca_1", "currency": "USD",
			"delivery_date": nil, "delivery_date_guaranteed": false, "delivery_days": r.Days,
			"est_delivery_days": r.Days, "list_currency": "USD", "list_rate": r.Rate, "rate": r.Rate,
			"retail_currency": "USD", "retail_rate": r.Rate, "service": r.Service, "shipment_id": sh.ID,
		}))
	}
}

// body is the shipment as JSON.
func (s *Shipment) body() map[string]any {
	body := maps.Clone(s.fields)
	body["rates"], body["messages"], body["forms"], body["fees"] = s.Rates, s.messages, s.forms, s.fees
	body["postage_label"], body["selected_rate"], body["tracker"] = nil, nil, nil
	body["tracking_code"], body["refund_status"] = nil, nil
	if s.label != nil {
		body["postage_label"], body["selected_rate"] = maps.Clone(s.label), s.selected
		body["tracker"] = s.tracker.body()
		body["tracking_code"] = s.TrackingCode
	}
	if s.RefundStatus != "" {
		body["refund_status"] = s.RefundStatus
	}
	return body
}

// sell sells a label, once.
func (s *Server) sell(id string, body map[string]any) (int, any) {
	chosen, _ := body["rate"].(map[string]any)
	s.mu.Lock()
	defer s.mu.Unlock()
	sh := s.find(id)
	switch {
	case sh == nil:
		return failure(http.StatusNotFound, "NOT_FOUND", "The requested resource could not be found.")
	case sh.label != nil:
		return failure(http.StatusUnprocessableEntity, "SHIPMENT.POSTAGE.EXISTS",
			"Postage already exists for this shipment.")
	case s.selling[sh.ID]:
		return failure(http.StatusConflict, "SHIPMENT.PURCHASE.IN_PROGRESS", "A purchase is in progress.")
	}
	i := slices.IndexFunc(sh.Rates, func(r map[string]any) bool { return r["id"] == chosen["id"] })
	if i < 0 {
		return failure(http.StatusUnprocessableEntity, "PARAMETER.REQUIRED", "Missing required parameter.",
			map[string]any{"field": "rate", "message": "cannot be blank"})
	}
	if gate := s.gate; gate != nil {
		s.selling[sh.ID] = true
		s.mu.Unlock()
		s.arrived <- struct{}{}
		<-gate
		s.mu.Lock()
		delete(s.selling, sh.ID)
	}
	s.sold++
	sh.TrackingCode = fmt.Sprintf("94001001103680703%05d", s.sold)
	sh.selected = sh.Rates[i]
	options, _ := sh.fields["options"].(map[string]any)
	format := strings.ToLower(text(options, "label_format"))
	if format == "" {
		format = "png"
	}
	sh.label = s.object("pl", "PostageLabel", map[string]any{
		"date_advance": 0, "integrated_form": "none", "label_date": s.stamp(), "label_epl2_url": nil, "label_file": nil,
		"label_file_type": fileTypes[format], "label_pdf_url": nil, "label_resolution": 300, "label_size": "4x6",
		"label_type": "default", "label_url": labelURL(sh.ID, format), "label_zpl_url": nil,
	})
	delete(sh.label, "mode")
	sh.fees = []any{
		map[string]any{"object": "Fee", "type": "LabelFee", "amount": "0.00000", "charged": true, "refunded": false},
		map[string]any{"object": "Fee", "type": "PostageFee", "amount": text(sh.selected, "rate") + "000",
			"charged": true, "refunded": false},
	}
	sh.tracker = s.track(sh.TrackingCode, text(sh.selected, "carrier"))
	sh.tracker.shipment = sh
	return http.StatusOK, sh.body()
}

var fileTypes = map[string]string{
	"png": "image/png", "pdf": "application/pdf", "zpl": "application/zpl", "epl2": "application/epl2",
}

func labelURL(id, format string) string {
	return "https://easypost-files.s3.us-west-2.amazonaws.com/files/postage_label/20260304/" + id + "." + format
}

func (s *Server) convert(sh *Shipment, format string) (int, any) {
	format = strings.ToLower(format)
	if sh.label == nil || sh.label["label_file_type"] != "image/png" ||
		!slices.Contains([]string{"pdf", "zpl", "epl2"}, format) {
		return failure(http.StatusUnprocessableEntity, "SHIPMENT.LABEL.CONVERT.FAILURE", "Unable to convert the label.")
	}
	sh.label["label_"+format+"_url"] = labelURL(sh.ID, format)
	return http.StatusOK, sh.body()
}

func (s *Server) refund(sh *Shipment) (int, any) {
	switch {
	case sh.label == nil:
		return failure(http.StatusUnprocessableEntity, "SHIPMENT.REFUND.UNAVAILABLE", "There is no label to refund.")
	case sh.RefundStatus == "" || sh.RefundStatus == "rejected":
		sh.RefundStatus, sh.refundAt = "submitted", s.now.Add(decided)
	}
	return http.StatusOK, sh.body()
}

// refundCodes asks for refunds by tracking numbers.
func (s *Server) refundCodes(body map[string]any) (int, any) {
	asked, _ := body["refund"].(map[string]any)
	codes, _ := asked["tracking_codes"].([]any)
	list := []any{}
	for _, code := range codes {
		for _, sh := range s.shipments {
			if sh.TrackingCode == code {
				s.refund(sh)
				refund := s.object("rfnd", "Refund", map[string]any{
					"carrier": asked["carrier"], "confirmation_number": nil, "shipment_id": sh.ID,
					"status": sh.RefundStatus, "tracking_code": code,
				})
				delete(refund, "mode")
				list = append(list, refund)
			}
		}
	}
	return http.StatusCreated, list
}

func (s *Server) form(sh *Shipment, body map[string]any) (int, any) {
	asked, _ := body["form"].(map[string]any)
	kind := text(asked, "type")
	if sh.label == nil || kind == "" {
		return failure(http.StatusUnprocessableEntity, "PARAMETER.REQUIRED", "Missing required parameter.",
			map[string]any{"field": "form", "message": "cannot be blank"})
	}
	sh.forms = append(sh.forms, s.object("form", "Form", map[string]any{
		"form_type": kind, "submitted_electronically": nil,
		"form_url": "https://easypost-files.s3.us-west-2.amazonaws.com/files/form/20260304/" + sh.ID + kind + ".pdf",
	}))
	return http.StatusCreated, sh.body()
}

// listShipments hides what was not bought and what is older than a month, unless it is asked for.
func (s *Server) listShipments(r *http.Request) (int, any) {
	query := r.URL.Query()
	since := s.now.AddDate(0, -1, 0)
	if at, err := time.Parse(time.RFC3339, query.Get("start_datetime")); err == nil {
		since = at
	}
	size, err := strconv.Atoi(query.Get("page_size"))
	if err != nil || size < 1 || size > 100 {
		size = 20
	}
	list, skipping := []any{}, query.Get("before_id") != ""
	more := false
	for _, sh := range slices.Backward(s.shipments) {
		if skipping {
			skipping = sh.ID != query.Get("before_id")
			continue
		}
		if query.Get("purchased") != "false" && sh.label == nil || sh.CreatedAt.Before(since) {
			continue
		}
		if len(list) == size {
			more = true
			break
		}
		list = append(list, sh.body())
	}
	return http.StatusOK, map[string]any{"shipments": list, "has_more": more}
}

func text(object map[string]any, name string) string {
	value, _ := object[name].(string)
	return value
}
