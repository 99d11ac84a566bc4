package simulated

import (
	"packhorse/internal/fulfillment"
	"packhorse/internal/paper/onepage"
	"packhorse/internal/provider"
)

// paperOf is a made-up document, with the reference on it. It is the same for the same reference.
func paperOf(kind fulfillment.DocumentKind, reference string) provider.Document {
	return provider.Document{
		Document: fulfillment.Document{
			Kind: kind, Name: string(kind) + "-" + reference + ".pdf", ContentType: "application/pdf",
		},
		Content: onepage.PDF("SIMULATED "+string(kind), reference),
	}
}
