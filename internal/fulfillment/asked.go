package fulfillment

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
)

// Asked is a call to a provider that a fulfillment order has asked for. The last ones travel with the state, so that
// its workflow knows the keys under which a provider may have something, even if the store has lost them.
type Asked struct {
	Key       string     `json:"key"` // the effect's
	Kind      EffectKind `json:"kind"`
	Provider  string     `json:"provider"`
	ServiceID ID         `json:"serviceId,omitempty"`
	For       string     `json:"for,omitempty"` // of a CANCEL or WITHDRAW: the key of the request that it is about
	// Content identifies the units that a REQUEST was for, by their articles: an order that is sent again has other
	// IDs.
	Content string `json:"content,omitempty"`
	// Articles are the articles of those units, for [Asked.Overlaps]; empty: there are too many of them.
	Articles string `json:"articles,omitempty"`
}

const (
	keptAsked    = 12 // calls that travel with the state
	keptArticles = 64 // articles of a call that are told apart
)

// asks notes a call.
func (fo *FulfillmentOrder) asks(e Effect) {
	a := Asked{Key: e.Key, Kind: e.Kind, Provider: e.Provider, ServiceID: fo.AssignedLocation.ServiceID, For: e.For}
	if e.Kind == EffectRequest {
		a.Content, a.Articles = fo.content()
	}
	fo.keepAsked(a)
}

// keepAsked keeps the last calls.
func (fo *FulfillmentOrder) keepAsked(calls ...Asked) {
	all := slices.Concat(fo.Asked, calls)
	fo.Asked = slices.Clone(all[max(0, len(all)-keptAsked):])
}

// Call is what a REQUEST of the fulfillment order under this key would ask for, as it is now.
func (fo *FulfillmentOrder) Call(e Effect) Asked {
	asked := *fo
	asked.Asked = nil
	asked.asks(e)
	return asked.Asked[0]
}

// content identifies what remains to be shipped, and lists its articles.
func (fo *FulfillmentOrder) content() (content, articles string) {
	units := map[string]int{}
	for _, l := range fo.Lines {
		if l.Remaining > 0 {
			units[cmp.Or(l.SKU, l.Title)] += l.Remaining
		}
	}
	names := make([]string, 0, len(units))
	for name := range units {
		names = append(names, name)
	}
	slices.Sort(names)
	whole := sha256.New()
	var marks []byte
	for _, name := range names {
		_, _ = fmt.Fprintf(whole, "%q %d\n", name, units[name])
		sum := sha256.Sum256([]byte(name))
		marks = append(marks, sum[:4]...)
	}
	if len(names) <= keptArticles {
		articles = base64.RawStdEncoding.EncodeToString(marks)
	}
	return hex.EncodeToString(whole.Sum(nil)[:12]), articles
}

// SameUnits tells whether two calls ask the same service for the same units.
func (a Asked) SameUnits(other Asked) bool {
	return a.Provider == other.Provider && a.ServiceID == other.ServiceID && a.Content == other.Content
}

// Overlaps tells whether two calls may be about the same articles.
func (a Asked) Overlaps(other Asked) bool {
	if a.Articles == "" || other.Articles == "" {
		return true
	}
	of := a.marks()
	return slices.ContainsFunc(other.marks(), func(mark uint32) bool { return slices.Contains(of, mark) })
}

func (a Asked) marks() []uint32 {
	data, err := base64.RawStdEncoding.DecodeString(a.Articles)
	if err != nil {
		return nil
	}
	var marks []uint32
	for ; len(data) >= 4; data = data[4:] {
		marks = append(marks, binary.BigEndian.Uint32(data))
	}
	return marks
}
