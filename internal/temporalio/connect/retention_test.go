package connect

import (
	"context"
	"strings"
	"testing"
	"time"

	"go.temporal.io/api/namespace/v1"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/durationpb"

	"packhorse/internal/config"
	"packhorse/internal/dev/devstack/devstacktest"
)

func TestRetentionIsWarnedOf(t *testing.T) {
	t.Parallel()
	server, name := devstacktest.Namespace(t, nil)
	for reason, test := range map[string]struct {
		retention time.Duration // 0: what the server says
		want      string
	}{
		"of_the_server":   {0, ""},
		"as_long_as_keys": {24 * time.Hour, ""},
		"shorter":         {time.Hour, "`temporal operator namespace update --namespace " + name + " --retention 24h`"},
	} {
		t.Run(reason, func(t *testing.T) {
			t.Parallel()
			c, err := Open(config.Temporal{Address: server.Address(), Namespace: name}, nil, nil, func(
				ctx context.Context, method string, request, reply any, connection *grpc.ClientConn,
				invoke grpc.UnaryInvoker, options ...grpc.CallOption,
			) error {
				err := invoke(ctx, method, request, reply, connection, options...)
				if described, ok := reply.(*workflowservice.DescribeNamespaceResponse); ok && test.retention > 0 {
					described.Config = &namespace.NamespaceConfig{
						WorkflowExecutionRetentionTtl: durationpb.New(test.retention),
					}
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			err = c.CheckRetention(t.Context())
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("got %v, want %q", err, test.want)
			}
			if err := c.Ready(t.Context()); err != nil {
				t.Errorf("it is not ready: %v", err)
			}
		})
	}
}
