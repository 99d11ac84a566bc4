package admin

// HasMetafields is an object that other systems could attach data to. Packhorse keeps no metafields.
type HasMetafields interface{ IsHasMetafields() }

func noMetafields() *MetafieldConnection {
	return &MetafieldConnection{Edges: []*MetafieldEdge{}, Nodes: []*Metafield{}, PageInfo: &PageInfo{}}
}

// IsHasMetafields says that metafields may be asked for.
func (*Order) IsHasMetafields() {}

// Metafield is null.
func (*Order) Metafield(key string, namespace *string) *Metafield { return nil }

// Metafields is an empty page.
func (*Order) Metafields(
	keys []string, namespace *string, first *int, after *string, last *int, before *string, reverse *bool,
) *MetafieldConnection {
	return noMetafields()
}

// IsHasMetafields says that metafields may be asked for.
func (*Shop) IsHasMetafields() {}

// Metafield is null.
func (*Shop) Metafield(key string, namespace *string) *Metafield { return nil }

// Metafields is an empty page.
func (*Shop) Metafields(
	keys []string, namespace *string, first *int, after *string, last *int, before *string, reverse *bool,
) *MetafieldConnection {
	return noMetafields()
}

// IsHasMetafields says that metafields may be asked for.
func (*AppInstallation) IsHasMetafields() {}

// Metafield is null.
func (*AppInstallation) Metafield(key string, namespace *string) *Metafield { return nil }

// Metafields is an empty page.
func (*AppInstallation) Metafields(
	keys []string, namespace *string, first *int, after *string, last *int, before *string, reverse *bool,
) *MetafieldConnection {
	return noMetafields()
}
