package gatewaytest

import (
	"context"
	"sync"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/access"
)

// statements counts the statements of every request, by the request's ID. What is done before it is known who asks,
// such as to look the token up, belongs to none.
type statements struct {
	mu    sync.Mutex
	count map[string][]string
}

func (s *statements) add(ctx context.Context, text string) {
	caller, ok := access.CallerFrom(ctx)
	if !ok {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.count == nil {
		s.count = map[string][]string{}
	}
	s.count[caller.RequestID] = append(s.count[caller.RequestID], text)
}

// TraceQueryStart is pgx's.
func (s *statements) TraceQueryStart(ctx context.Context, _ *pgx.Conn, d pgx.TraceQueryStartData) context.Context {
	s.add(ctx, d.SQL)
	return ctx
}

// TraceQueryEnd is pgx's.
func (*statements) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// TraceBatchStart is pgx's.
func (*statements) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return ctx
}

// TraceBatchQuery is pgx's.
func (s *statements) TraceBatchQuery(ctx context.Context, _ *pgx.Conn, d pgx.TraceBatchQueryData) {
	s.add(ctx, d.SQL)
}

// TraceBatchEnd is pgx's.
func (*statements) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

// Statements is the SQL that the server ran to answer, in order.
func (s *Server) Statements(a *Answer) []string {
	s.statements.mu.Lock()
	defer s.statements.mu.Unlock()
	return s.statements.count[a.RequestID()]
}
