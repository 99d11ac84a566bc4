package gateway

import (
	"context"
	"errors"
	"mime"
	"net/http"
	"strconv"
	"time"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
	"packhorse/internal/operation"
	"packhorse/internal/paper"
	"packhorse/internal/postgres"
)

// PapersPath is below which documents are handed out.
const PapersPath = "/documents/"

// Papers hands out labels and other documents: an operation.Documents.
type Papers interface {
	Print(ctx context.Context, name string) (*paper.Document, []byte, error)
}

// serveDocument answers with the content of a document, named by its ID or its SHA-256.
func (g *Gateway) serveDocument(w http.ResponseWriter, r *http.Request) {
	caller, _ := access.CallerFrom(r.Context())
	found := recordFrom(r.Context())
	found.note("", "document", []string{"document"})
	if r.Method != http.MethodGet {
		w.Header().Set("Allow", http.MethodGet)
		writeError(w, http.StatusMethodNotAllowed, "Method Not Allowed: documents are read with "+http.MethodGet)
		return
	}
	bucket := g.buckets.For(caller.TokenID.String())
	if owes, _ := bucket.Owes(time.Now()); owes {
		found.class = ClassThrottled
		w.Header().Set("Retry-After", "1")
		writeError(w, http.StatusTooManyRequests, "Throttled: the token owes points")
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), g.timeout)
	defer cancel()
	d, content, err := g.papers.Print(ctx, r.PathValue("document"))
	found.cost = pointsUnspent(content)
	bucket.Charge(time.Now(), found.cost)
	if err != nil {
		g.refuseDocument(w, r, d, err)
		return
	}
	g.logger.InfoContext( // As is noted in the database: who has seen which document, and nothing of what is in it.
		ctx, "A document was handed out.", "document", d.ID, "order", d.OrderID, "app", caller.App.Handle,
		"request_id", RequestID(ctx),
	)
	header := w.Header()
	header.Set("Content-Type", d.MediaType)
	header.Set("Content-Length", strconv.Itoa(len(content)))
	header.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": d.FileName()}))
	header.Set("Cache-Control", "private, no-store") // Each look is counted, and ends with the document.
	header.Set("Vary", tokenHeader+", Authorization")
	header.Set("ETag", `"`+d.SHA256+`"`)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(content) // An error here means that whoever asked is gone.
}

func (g *Gateway) refuseDocument(w http.ResponseWriter, r *http.Request, d *paper.Document, err error) {
	ctx, found := r.Context(), recordFrom(r.Context())
	refused, isRefusal := fulfillment.AsError(err)
	switch {
	case operation.IsWaiting(d, err):
		found.class = ClassUnavailable
		w.Header().Set("Retry-After", "5")
		writeError(w, http.StatusServiceUnavailable, refused.Message)
	case isRefusal:
		writeError(w, http.StatusNotFound, refused.Message)
	case errors.Is(err, fulfillment.ErrNotFound):
		writeError(w, http.StatusNotFound, "Not Found: there is no such document")
	default:
		if ctx.Err() == nil {
			g.logger.ErrorContext(ctx, "can't read a document", "request_id", RequestID(ctx), "error", err)
		}
		if postgres.IsUnavailable(err) || errors.Is(err, context.DeadlineExceeded) {
			found.class = ClassUnavailable
			w.Header().Set("Retry-After", "1")
			writeError(w, http.StatusServiceUnavailable,
				"Service unavailable. Try again in a moment. Request ID: "+RequestID(ctx))
			return
		}
		writeError(w, http.StatusInternalServerError, internalError(ctx)[0].Message)
	}
}
