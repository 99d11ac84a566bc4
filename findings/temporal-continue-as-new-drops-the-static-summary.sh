#!/usr/bin/env bash
# A workflow that continues as new keeps its memo and its search attributes, but not the static summary and details that
# it was started with: from the second run on, lists and pages that show them are empty, and the SDK has no option to
# hand them on. Seen with the Temporal CLI's server and the Go SDK below.
set -euo pipefail
CLI=v1.5.1 SDK=v1.50.0

folder=$(mktemp -d)
server=
trap '[[ -z $server ]] || kill "$server" 2>/dev/null; chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder"
GOBIN=$folder go install "github.com/temporalio/cli/cmd/temporal@$CLI"
cat > go.mod <<'END'
module finding
go 1.26
END
cat > main.go <<'END'
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

// Twice continues as new once, without asking for anything to be another than it was.
func Twice(ctx workflow.Context, again bool) error {
	if again {
		return workflow.NewContinueAsNewError(ctx, Twice, false)
	}
	return nil
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}

func text(p *commonpb.Payload) string {
	var s string
	if p != nil {
		must(converter.GetDefaultDataConverter().FromPayload(p, &s))
	}
	return s
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c, err := client.DialContext(ctx, client.Options{HostPort: os.Args[1]})
	must(err)
	defer c.Close()
	w := worker.New(c, "twice", worker.Options{})
	w.RegisterWorkflow(Twice)
	must(w.Start())
	defer w.Stop()
	run, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: "twice", TaskQueue: "twice", StaticSummary: "#1001, two units", Memo: map[string]any{"note": "kept"},
	}, Twice, true)
	must(err)
	first := run.GetRunID()
	must(run.Get(ctx, nil)) // Of the last run of the chain.
	for _, id := range []string{first, ""} {
		d, err := c.WorkflowService().DescribeWorkflowExecution(ctx, &workflowservice.DescribeWorkflowExecutionRequest{
			Namespace: "default", Execution: &commonpb.WorkflowExecution{WorkflowId: "twice", RunId: id},
		})
		must(err)
		name := "first"
		if id == "" {
			name = "second"
		}
		fmt.Printf("%s run: memo %q, summary %q\n", name,
			text(d.GetWorkflowExecutionInfo().GetMemo().GetFields()["note"]),
			text(d.GetExecutionConfig().GetUserMetadata().GetSummary()))
	}
}
END
go get "go.temporal.io/sdk@$SDK" >/dev/null 2>&1
go mod tidy >/dev/null 2>&1
go build -o finding .
port=$((20000 + RANDOM % 20000))
./temporal server start-dev --headless --ip 127.0.0.1 --port "$port" --log-level error >server.log 2>&1 &
server=$!
for _ in $(seq 120); do
	./temporal operator cluster health --address "127.0.0.1:$port" >/dev/null 2>&1 && break
	sleep 1
done
got=$(./finding "127.0.0.1:$port" 2>/dev/null | grep " run: ") # The SDK logs to the standard output, too.
want='first run: memo "kept", summary "#1001, two units"
second run: memo "kept", summary ""'
echo "CLI $CLI, SDK $SDK:"
echo "$got"
if [[ $got != "$want" ]]; then
	echo "That has changed; it was:"
	echo "$want"
	exit 1
fi
