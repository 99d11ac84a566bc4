package access

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"sync"

	"packhorse/internal/fulfillment"
)

// Grounds are what an answer rests on: every right that let a part of it through. Whoever is to get the same answer
// again must still have all of them. It is safe for concurrent use; nil notes nothing.
type Grounds struct {
	mu       sync.Mutex
	all      map[string]Ground
	personal bool
}

// Ground is a right that was needed.
type Ground struct {
	Scopes []Scope `json:"scopes,omitempty"` // any one of them; none: it took no scope
	// ServiceID is the fulfillment service that had to be the app's own; zero: it took none.
	ServiceID fulfillment.ID `json:"serviceId,omitempty"`
}

func (g *Grounds) note(needed []Scope, to Relation) {
	ground := Ground{Scopes: needed}
	if to.Ownership == Assigned {
		ground.ServiceID = to.ServiceID
	}
	if g == nil || len(needed) == 0 && ground.ServiceID == 0 {
		return
	}
	key := ground.ServiceID.String() + " " + joined(needed, " ")
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.all == nil {
		g.all = map[string]Ground{}
	}
	g.all[key] = ground
}

// NotePersonal notes that the answer tells something of a person.
func (g *Grounds) NotePersonal() {
	if g == nil {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.personal = true
}

// Personal tells whether the answer tells something of a person.
func (g *Grounds) Personal() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.personal
}

// Text is the grounds as JSON, for [Caller.HasGrounds].
func (g *Grounds) Text() []byte {
	g.mu.Lock()
	defer g.mu.Unlock()
	list := slices.SortedFunc(maps.Values(g.all), func(a, b Ground) int {
		return cmp.Or(cmp.Compare(a.ServiceID, b.ServiceID), slices.Compare(a.Scopes, b.Scopes))
	})
	if list == nil {
		list = []Ground{}
	}
	text, err := json.Marshal(list)
	if err != nil {
		panic(err) // They are texts and numbers.
	}
	return text
}

// HasGrounds tells whether the caller still has every right on which an answer rests, given their text. What can't be
// read nobody has.
func (c Caller) HasGrounds(text []byte) bool {
	var list []Ground
	if err := json.Unmarshal(text, &list); err != nil {
		return false
	}
	return !slices.ContainsFunc(list, func(g Ground) bool {
		return len(g.Scopes) > 0 && !c.hasAny(g.Scopes) || g.ServiceID != 0 && !c.Owns(g.ServiceID)
	})
}
