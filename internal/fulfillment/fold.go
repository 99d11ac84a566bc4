package fulfillment

import (
	"fmt"
	"time"
)

// foldInto gives units to another fulfillment order of the same order, as part of a [Joint]; with nothing left, it
// closes. Its lines stay on record, with no units.
type foldInto struct {
	Meta
	verb  Verb // of the joint command
	into  ID
	units units
}

// absorb takes units over from another fulfillment order of the same order, as part of a [Joint].
type absorb struct {
	Meta
	verb  Verb
	from  ID
	lines []Line

	intents []MergeIntent // what becomes one by it; nil: more is to come, of which others hear together with this

	preparedAt *time.Time // of the other one
	// abridged tells that titles may be cut.
	abridged bool
}

// Verb is that of the joint command.
func (cmd *foldInto) Verb() Verb { return cmd.verb }

// Verb is that of the joint command.
func (cmd *absorb) Verb() Verb { return cmd.verb }

func (cmd *foldInto) apply(c *change) *Error {
	fo := c.fo
	details := &Details{Lines: fo.quantities(cmd.units), SiblingID: cmd.into, SiblingRole: SiblingMerged}
	for i := range fo.Lines {
		l := &fo.Lines[i]
		l.Total -= cmd.units[l.ID]
		l.give(cmd.units[l.ID])
	}
	fo.SupersededBy = append(fo.SupersededBy, cmd.into)
	if fo.RemainingUnits() == 0 {
		c.close()
	}
	c.transition(KindMergedAway, fmt.Sprintf("Merged into fulfillment order %s.", cmd.into), details)
	return nil
}

// apply adds the units to the line of the same order line, if there is one: its ID stays.
func (cmd *absorb) apply(c *change) *Error {
	fo := c.fo
	taken := units{}
	for _, l := range cmd.lines {
		own := fo.lineOf(l.LineItemID)
		if own == nil {
			added := l.part(l.Remaining)
			added.ID = c.ids.Next()
			added.Total, added.Remaining, added.Prepared = 0, 0, 0
			fo.Lines = append(fo.Lines, added)
			own = &fo.Lines[len(fo.Lines)-1]
		}
		own.Total += l.Remaining
		own.Remaining += l.Remaining
		own.Prepared += l.Prepared
		taken[own.ID] += l.Remaining
	}
	if fo.PreparedAt == nil && fo.PreparedUnits() > 0 {
		fo.PreparedAt = cmd.preparedAt
	}
	fo.Supersedes, fo.Abridged = append(fo.Supersedes, cmd.from), fo.Abridged || cmd.abridged
	fo.dropEffect(func(e Effect) bool { return e.Kind == EffectFold && e.For == cmd.from.String() })
	details := &Details{
		Lines: fo.quantities(taken), SourceID: cmd.from, SourceLines: cmd.sourceLines(), SiblingRole: SiblingMerged,
		Intents: cmd.intents,
	}
	var topics []string
	if len(cmd.intents) > 0 {
		topics = []string{TopicMerged}
	}
	c.transition(KindMerged, fmt.Sprintf("Took over from fulfillment order %s.", cmd.from), details, topics...)
	return nil
}

// sourceLines are the units by the lines that they came from.
func (cmd *absorb) sourceLines() []Quantity {
	lines := make([]Quantity, len(cmd.lines))
	for i, l := range cmd.lines {
		lines[i] = Quantity{ID: l.ID, Quantity: l.Remaining}
	}
	return lines
}

// lineOf is the line of an order line; nil if there is none.
func (fo *FulfillmentOrder) lineOf(lineItem ID) *Line {
	for i := range fo.Lines {
		if fo.Lines[i].LineItemID == lineItem {
			return &fo.Lines[i]
		}
	}
	return nil
}

// fold moves units from one fulfillment order to another, with which they are one from then on; take is how the latter
// takes them: as the answer, or as what follows from it.
func (j *joint) fold(from, into ID, moved units, take func(ID, Command) *Error) *Error {
	target, source := j.find(into), j.find(from)
	return j.foldPart(from, into, moved, take, []MergeIntent{
		{into, target.quantities(target.remaining())}, {from, source.quantities(moved)},
	})
}

// foldPart is [joint.fold] as a part of a merge: with intents, it is the last one, and they are all of the merge.
func (j *joint) foldPart(
	from, into ID, moved units, take func(ID, Command) *Error, intents []MergeIntent,
) *Error {
	source := j.find(from)
	var lines []Line
	for _, l := range source.Lines {
		if n := moved[l.ID]; n > 0 {
			lines = append(lines, l.part(n))
		}
	}
	if refused := j.follow(from, &foldInto{verb: j.cmd.Verb(), into: into, units: moved}); refused != nil {
		return refused
	}
	return take(into, &absorb{
		verb: j.cmd.Verb(), from: from, lines: lines, intents: intents, preparedAt: source.PreparedAt,
		abridged: source.Abridged,
	})
}

// untouched tells whether the units of a fulfillment order can join another one's: nobody has begun to work on them,
// was asked for them, or holds them.
func (fo *FulfillmentOrder) untouched() bool {
	return fo.in(StatusOpen, RequestUnsubmitted) && !fo.hasShippedUnits()
}

// goesWith tells whether units of both fulfillment orders can be in one.
func (fo *FulfillmentOrder) goesWith(other *FulfillmentOrder) bool {
	return fo.ID != other.ID && fo.OrderID == other.OrderID && fo.DeliveryMethod == other.DeliveryMethod &&
		fo.AssignedLocation.LocationID == other.AssignedLocation.LocationID
}

// releaseHold releases holds; when the last one of a partial hold ends, what was not held comes back.
func (j *joint) releaseHold(fo *FulfillmentOrder, cmd *ReleaseHold) *Error {
	if refused := j.answer(fo.ID, cmd); refused != nil {
		return refused
	}
	if j.find(fo.ID).Status == StatusOnHold || !j.mayFoldBack(fo.ID, fo.HeldApart) {
		return nil
	}
	return j.fold(fo.HeldApart, fo.ID, j.find(fo.HeldApart).remaining(), j.follow)
}

// mayFoldBack tells whether what a partial hold left out can come back: not if it went its own way meanwhile. What was
// held may have been shipped in part before the hold.
func (j *joint) mayFoldBack(id, rest ID) bool {
	fo, apart := j.find(id), j.find(rest)
	return fo != nil && apart != nil && fo.in(StatusOpen, RequestUnsubmitted) && apart.untouched() && apart.goesWith(fo)
}

// VerbFoldBack is Packhorse's own follow-up to an expired hold.
const VerbFoldBack Verb = "FoldBack"

// FoldBack takes back what a partial hold left out, once the hold has ended by itself.
type FoldBack struct {
	Meta
	FulfillmentOrderID ID `json:"fulfillmentOrderId"`
	RestID             ID `json:"restId"`
}

// Verb is FoldBack.
func (*FoldBack) Verb() Verb { return VerbFoldBack }

// Answering names the fulfillment order that was held.
func (cmd *FoldBack) Answering() []ID { return []ID{cmd.FulfillmentOrderID} }

// Named names both.
func (cmd *FoldBack) Named() []ID { return named([]ID{cmd.FulfillmentOrderID, cmd.RestID}) }

func (cmd *FoldBack) decide(j *joint) *Error {
	if !j.mayFoldBack(cmd.FulfillmentOrderID, cmd.RestID) {
		return invalidState("What was not held went its own way: it stays apart.")
	}
	return j.fold(cmd.RestID, cmd.FulfillmentOrderID, j.find(cmd.RestID).remaining(), j.answer)
}

// giveBack gives the units that a service stopped working on to an open sibling at the same location, if there is one;
// else, if that is asked for, to a new one.
func (j *joint) giveBack(id ID, replace bool) *Error {
	fo := j.find(id)
	if fo.Status != StatusCancelled {
		return nil
	}
	for _, m := range j.members {
		if m.fo.untouched() && m.fo.goesWith(fo) {
			return j.fold(fo.ID, m.fo.ID, fo.remaining(), j.follow)
		}
	}
	if replace {
		return j.follow(fo.ID, &replaceUnits{verb: j.cmd.Verb()})
	}
	return nil
}

// replaceUnits closes a fulfillment order, as part of a [Joint]: a new one gets what remains. Its lines stay on record.
type replaceUnits struct {
	Meta
	verb Verb
}

// Verb is that of the joint command.
func (cmd *replaceUnits) Verb() Verb { return cmd.verb }

func (cmd *replaceUnits) apply(c *change) *Error {
	fo := c.fo
	details := &Details{Lines: fo.quantities(fo.remaining())}
	var lines []Line
	for i := range fo.Lines {
		l := &fo.Lines[i]
		if n := l.Remaining; n > 0 {
			lines = append(lines, l.part(n))
			l.Total -= n
			l.give(n)
		}
	}
	s := c.sibling(SiblingReplacement, fo.AssignedLocation, lines, false, "Takes the place of fulfillment order")
	details.went(s, SiblingReplacement)
	c.close()
	c.transition(KindMergedAway, fmt.Sprintf("Its units went to fulfillment order %s.", s.ID), details)
	return nil
}

// join follows a move: what is untouched at the new location and what has moved there become one. Without a part that
// stayed behind, the moved fulfillment order keeps its ID; with one, it is the new one.
func (j *joint) join(before *FulfillmentOrder, location ID) *Error {
	moved := j.find(before.ID)
	if moved.AssignedLocation.LocationID != location {
		moved = j.members[len(j.members)-1].fo
	}
	for _, m := range j.members {
		if moved.untouched() && m.fo.untouched() && m.fo.goesWith(moved) {
			if refused := j.fold(m.fo.ID, moved.ID, m.fo.remaining(), j.follow); refused != nil {
				return refused
			}
			moved = j.find(moved.ID)
		}
	}
	return nil
}
