package returns

// Status is the state of a return.
type Status string

// The statuses, as in Shopify's ReturnStatus. CANCELED has one L, as in the source.
const (
	StatusRequested Status = "REQUESTED" // asked for; nothing comes back before it is approved
	StatusOpen      Status = "OPEN"      // approved: parcels are on their way, units are looked at
	StatusClosed    Status = "CLOSED"    // somebody is done with it, or its last line was taken out
	StatusDeclined  Status = "DECLINED"  // its units can be returned anew
	StatusCanceled  Status = "CANCELED"  // its units can be returned anew
)

// Statuses lists every Status in the order of a life.
var Statuses = []Status{StatusRequested, StatusOpen, StatusClosed, StatusDeclined, StatusCanceled}

// Living tells whether the units of a return with this status are taken: nobody else can return them.
func (s Status) Living() bool { return s == StatusRequested || s == StatusOpen || s == StatusClosed }

// WorkStatus is the state of a reverse fulfillment order.
type WorkStatus string

// The statuses of a reverse fulfillment order, as in Shopify's ReverseFulfillmentOrderStatus. It follows its return:
// closed, cancelled and opened again with it, and by nothing else.
const (
	WorkOpen     WorkStatus = "OPEN"
	WorkClosed   WorkStatus = "CLOSED"
	WorkCanceled WorkStatus = "CANCELED"
)

// DeclineReason says why a request, or a part of one, is not approved, as in Shopify's ReturnDeclineReason.
type DeclineReason string

// The decline reasons.
const (
	DeclineReturnPeriodEnded DeclineReason = "RETURN_PERIOD_ENDED"
	DeclineFinalSale         DeclineReason = "FINAL_SALE"
	DeclineOther             DeclineReason = "OTHER"
)

// DeclineReasons maps every DeclineReason to the text that people read.
var DeclineReasons = map[DeclineReason]string{
	DeclineReturnPeriodEnded: "The return period has ended",
	DeclineFinalSale:         "It was a final sale",
	DeclineOther:             "Other",
}

// DispositionType says what became of units that were to come back, as in Shopify's
// ReverseFulfillmentOrderDispositionType.
type DispositionType string

// The disposition types.
const (
	Restocked          DispositionType = "RESTOCKED"           // can be sold again, at the disposition's location
	NotRestocked       DispositionType = "NOT_RESTOCKED"       // came back, and is not sold again
	ProcessingRequired DispositionType = "PROCESSING_REQUIRED" // not decided yet: any other may take its place
	Missing            DispositionType = "MISSING"             // did not come back
)

// DispositionTypes lists every DispositionType.
var DispositionTypes = []DispositionType{Restocked, NotRestocked, ProcessingRequired, Missing}

// DifferenceKind says in what a parcel differed from what was announced.
type DifferenceKind string

// The kinds of differences. They are Packhorse's own.
const (
	DifferenceShort     DifferenceKind = "SHORT"      // less of a line came than was announced
	DifferenceExcess    DifferenceKind = "EXCESS"     // more of a line came than the return has
	DifferenceOtherItem DifferenceKind = "OTHER_ITEM" // another item came
	DifferenceDamaged   DifferenceKind = "DAMAGED"    // came, and is damaged
)

// DifferenceKinds lists every DifferenceKind.
var DifferenceKinds = []DifferenceKind{DifferenceShort, DifferenceExcess, DifferenceOtherItem, DifferenceDamaged}

// OverdueAction says what happens when a return's goods are not back when they were expected.
type OverdueAction string

// The overdue actions.
const (
	OverdueWait  OverdueAction = "WAIT"  // the default: it is told, and a person decides
	OverdueClose OverdueAction = "CLOSE" // the return is closed, unless something of it waits to be inspected
)

// OverdueActions lists every OverdueAction.
var OverdueActions = []OverdueAction{OverdueWait, OverdueClose}
