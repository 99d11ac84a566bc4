package gateway

import "packhorse/internal/graphql/document"

// What it takes to answer is paid by the token, too, where the price of a document does not say it: the price is that
// of the objects that are asked for, however long the document is, and whatever stands beside it. What the documents of
// real apps have is free.
const (
	freeBytes    = 16 << 10 // of a body
	bytesPerRead = 10 << 10 // of a body, for a point
	freeWork     = 5_000    // of a document, see [document.Effort]
	workPerPoint = 1_000
	bytesPerSent = 128 << 10 // of an answer, for a point
)

// pointsToRead is what a body of this size costs.
func pointsToRead(bytes int) int { return max(0, bytes-freeBytes) / bytesPerRead }

// pointsToCheck is what it costs to find out whether a document can be carried out.
func pointsToCheck(effort document.Effort) int { return max(0, int(effort)-freeWork) / workPerPoint }

// pointsUnspent is what an answer costs for which nothing was taken from the bucket: a refusal of what can't be carried
// out, or what was answered before. So a token gets no more of these in a second than its bucket gets points.
func pointsUnspent(answer []byte) int { return 1 + len(answer)/bytesPerSent }
