package admin

// Product is what an order's line says of a product.
type Product struct {
	ID               GID
	LegacyResourceID uint64
	Title            string
	Vendor           string
}

// IsNode says that it has a global ID.
func (*Product) IsNode() {}

// IsLegacyInteroperability says that it has a plain number.
func (*Product) IsLegacyInteroperability() {}

// ProductVariant is what an order's line says of a variant.
type ProductVariant struct {
	ID               GID
	LegacyResourceID uint64
	Barcode          *string
	DisplayName      string
	Price            string // exact decimal text
	Sku              *string
	Title            string
}

// IsNode says that it has a global ID.
func (*ProductVariant) IsNode() {}

// IsLegacyInteroperability says that it has a plain number.
func (*ProductVariant) IsLegacyInteroperability() {}
