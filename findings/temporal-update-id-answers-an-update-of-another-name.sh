#!/usr/bin/env bash
# An update whose ID an earlier update of the same run had is answered with the earlier one's result, also when it has
# another name, other arguments, or a name that no handler has: success, and nothing is done. A good guess is that only
# the same update is taken for a repetition, and another one is refused. Seen with the Temporal CLI's server and the Go
# SDK below.
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

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

// Shelf is a count that updates change and nothing ends.
func Shelf(ctx workflow.Context) error {
	count := 0
	put := func(_ workflow.Context, n int) (string, error) {
		count += n
		return fmt.Sprintf("put %d, %d there", n, count), nil
	}
	take := func(_ workflow.Context, n int) (string, error) {
		count -= n
		return fmt.Sprintf("took %d, %d there", n, count), nil
	}
	for name, handler := range map[string]func(workflow.Context, int) (string, error){"Put": put, "Take": take} {
		if err := workflow.SetUpdateHandler(ctx, name, handler); err != nil {
			return err
		}
	}
	return workflow.Await(ctx, func() bool { return false })
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c, err := client.DialContext(ctx, client.Options{HostPort: os.Args[1]})
	must(err)
	defer c.Close()
	w := worker.New(c, "shelf", worker.Options{})
	w.RegisterWorkflow(Shelf)
	must(w.Start())
	defer w.Stop()
	_, err = c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: "shelf", TaskQueue: "shelf"}, Shelf)
	must(err)
	for _, step := range []struct {
		id, name string
		n        int
	}{{"job-1", "Put", 5}, {"job-1", "Put", 7}, {"job-1", "Take", 1}, {"job-1", "Throw", 1}, {"job-2", "Take", 1}} {
		h, err := c.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{WorkflowID: "shelf", UpdateID: step.id,
			UpdateName: step.name, Args: []any{step.n}, WaitForStage: client.WorkflowUpdateStageCompleted})
		must(err)
		var answer string
		must(h.Get(ctx, &answer))
		fmt.Printf("update %s %s(%d): %s\n", step.id, step.name, step.n, answer)
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
got=$(./finding "127.0.0.1:$port" 2>/dev/null | grep "^update ") # The SDK logs to the standard output, too.
want='update job-1 Put(5): put 5, 5 there
update job-1 Put(7): put 5, 5 there
update job-1 Take(1): put 5, 5 there
update job-1 Throw(1): put 5, 5 there
update job-2 Take(1): took 1, 4 there'
echo "CLI $CLI, SDK $SDK:"
echo "$got"
if [[ $got != "$want" ]]; then
	echo "That has changed; it was:"
	echo "$want"
	exit 1
fi
