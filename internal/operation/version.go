package operation

import "context"

type versionOf struct{}

// WithVersion is a context for an operation that is asked for in this version of the API, such as "2026-07".
func WithVersion(ctx context.Context, version string) context.Context {
	return context.WithValue(ctx, versionOf{}, version)
}

// Version is the version of the API that the operation was asked for in; "" outside of one.
func Version(ctx context.Context) string {
	version, _ := ctx.Value(versionOf{}).(string)
	return version
}
