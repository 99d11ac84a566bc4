package rehearsal

// Dirt counts what is odd in the records. A rehearsal plays all of it.
type Dirt struct {
	WithoutItems           int `json:"withoutItems"`
	CarrierBeforeApproval  int `json:"carrierBeforeApproval"`
	CarrierBeforePurchase  int `json:"carrierBeforePurchase"`
	DeliveredBeforeCarrier int `json:"deliveredBeforeCarrier"`
	LimitBeforeApproval    int `json:"limitBeforeApproval"` // orders with such a line
	CanceledButDelivered   int `json:"canceledButDelivered"`
	ShippedNeverDelivered  int `json:"shippedNeverDelivered"`
	ShippedWithoutApproval int `json:"shippedWithoutApproval"`
	DeliveredWithoutTime   int `json:"deliveredWithoutTime"` // the status says delivered, no time does
}

func dirtOf(records []Record) Dirt {
	var d Dirt
	for i := range records {
		r := &records[i]
		d.WithoutItems += one(len(r.Items) == 0)
		d.CarrierBeforeApproval += one(before(r.CarrierAt, r.ApprovedAt))
		d.CarrierBeforePurchase += one(before(r.CarrierAt, r.PurchasedAt))
		d.DeliveredBeforeCarrier += one(before(r.DeliveredAt, r.CarrierAt))
		d.CanceledButDelivered += one(r.Status == RecordCanceled && r.DeliveredAt != nil)
		d.ShippedNeverDelivered += one(r.Status == RecordShipped && r.DeliveredAt == nil)
		d.ShippedWithoutApproval += one(r.shipped() && r.ApprovedAt == nil)
		d.DeliveredWithoutTime += one(r.Status == RecordDelivered && r.DeliveredAt == nil)
		limit := false
		for _, item := range r.Items {
			limit = limit || before(item.ShippingLimitAt, r.ApprovedAt)
		}
		d.LimitBeforeApproval += one(limit)
	}
	return d
}

func before(a, b *Time) bool { return a != nil && b != nil && a.Before(b.Time) }

func (d Dirt) rows() []totalRow {
	return []totalRow{
		{"without items", d.WithoutItems},
		{"carrier before approval", d.CarrierBeforeApproval},
		{"carrier before purchase", d.CarrierBeforePurchase},
		{"delivered before carrier", d.DeliveredBeforeCarrier},
		{"limit before approval", d.LimitBeforeApproval},
		{"canceled, but delivered", d.CanceledButDelivered},
		{"shipped, never delivered", d.ShippedNeverDelivered},
		{"shipped without approval", d.ShippedWithoutApproval},
		{"delivered, time unknown", d.DeliveredWithoutTime},
	}
}
