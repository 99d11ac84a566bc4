package admin

import (
	"cmp"
	"slices"
	"strings"

	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
)

// ReturnReasonDefinition is a reason why units come back.
type ReturnReasonDefinition struct{ state returns.ReasonDefinition }

// IsNode says that [Loaders.Node] finds it.
func (*ReturnReasonDefinition) IsNode() {}

// ID is its global ID.
func (d *ReturnReasonDefinition) ID() GID { return GID{TypeReturnReasonDefinition, d.state.ID} }

// Name is what people read.
func (d *ReturnReasonDefinition) Name() string { return d.state.Name }

// Handle is the name that programs use.
func (d *ReturnReasonDefinition) Handle() string { return d.state.Handle }

// Deleted is false: none was ever taken away.
func (*ReturnReasonDefinition) Deleted() bool { return false }

// ReasonList asks for reasons.
type ReasonList struct {
	Paging
	SortKey *ReturnReasonDefinitionSortKeys // default ID
	Query   *string
	IDs     []fulfillment.ID // nil: all
	Handles []string         // nil: all
}

var reasonFields = map[string]func(*ReturnReasonDefinition) any{
	"id":      func(d *ReturnReasonDefinition) any { return d.state.ID },
	"handle":  func(d *ReturnReasonDefinition) any { return d.state.Handle },
	"name":    func(d *ReturnReasonDefinition) any { return d.state.Name },
	"deleted": func(d *ReturnReasonDefinition) any { return d.Deleted() },
}

// ReturnReasonDefinitions lists the reasons.
func ReturnReasonDefinitions(list ReasonList) (*ReturnReasonDefinitionConnection, error) {
	var all []*ReturnReasonDefinition
	for _, d := range returns.ReasonDefinitions {
		if list.IDs != nil && !slices.Contains(list.IDs, d.ID) ||
			list.Handles != nil && !slices.Contains(list.Handles, d.Handle) {
			continue
		}
		all = append(all, &ReturnReasonDefinition{d})
	}
	slices.SortStableFunc(all, func(a, b *ReturnReasonDefinition) int {
		switch value(list.SortKey) {
		case ReturnReasonDefinitionSortKeysHandle:
			return strings.Compare(a.state.Handle, b.state.Handle)
		case ReturnReasonDefinitionSortKeysName:
			return strings.Compare(a.state.Name, b.state.Name)
		}
		return cmp.Compare(a.state.ID, b.state.ID)
	})
	all, err := filter(all, list.Query, reasonFields)
	if err != nil {
		return nil, err
	}
	s, err := segment(list.Paging, all, func(d *ReturnReasonDefinition) fulfillment.ID { return d.state.ID })
	if err != nil {
		return nil, err
	}
	return connection(s,
		func(cursor string, node *ReturnReasonDefinition) *ReturnReasonDefinitionEdge {
			return &ReturnReasonDefinitionEdge{Cursor: cursor, Node: node}
		},
		func(
			edges []*ReturnReasonDefinitionEdge, nodes []*ReturnReasonDefinition, page *PageInfo,
		) *ReturnReasonDefinitionConnection {
			return &ReturnReasonDefinitionConnection{Edges: edges, Nodes: nodes, PageInfo: page}
		}), nil
}
