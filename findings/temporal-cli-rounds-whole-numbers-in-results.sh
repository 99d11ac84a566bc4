#!/usr/bin/env bash
# The Temporal CLI prints whole numbers above 2^53 rounded, as JavaScript would, though it is written in Go and has the
# payload in front of it: a result of 915055703963083411 is 915055703963083400 in "workflow result", also with
# "--output json" (numbers as JSON has them was the guess), and 9.150557039630834e+17 in the text that "workflow update
# execute" prints. "--no-json-shorthand-payloads" gives the payload itself, in base64, which is right. Seen with the
# Temporal CLI and the Go SDK below.
set -euo pipefail
CLI=v1.5.1 SDK=v1.50.0

folder=$(mktemp -d)
server= worker=
trap '[[ -z $worker ]] || kill "$worker" 2>/dev/null; [[ -z $server ]] || kill "$server" 2>/dev/null
	chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder"
GOBIN=$folder go install "github.com/temporalio/cli/cmd/temporal@$CLI"
cat > go.mod <<'END'
module finding
go 1.26
END
cat > main.go <<'END'
package main

import (
	"fmt"
	"os"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

// Parcel is what the workflow gives.
type Parcel struct {
	ID int64 `json:"id"`
}

var parcel = Parcel{ID: 915055703963083411}

// Pack ends when it is told to, and gives the parcel to whoever told it and to whoever waits.
func Pack(ctx workflow.Context) (Parcel, error) {
	done := false
	err := workflow.SetUpdateHandler(ctx, "End", func(workflow.Context) (Parcel, error) {
		done = true
		return parcel, nil
	})
	if err != nil {
		return Parcel{}, err
	}
	return parcel, workflow.Await(ctx, func() bool { return done })
}

func main() {
	c, err := client.Dial(client.Options{HostPort: os.Args[1]})
	if err == nil {
		defer c.Close()
		w := worker.New(c, "parcels", worker.Options{})
		w.RegisterWorkflow(Pack)
		err = w.Run(worker.InterruptCh())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
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
./finding "127.0.0.1:$port" >worker.log 2>&1 &
worker=$!
ask() { timeout 60 ./temporal workflow "$@" --address "127.0.0.1:$port" --workflow-id parcel; }
ask start --task-queue parcels --type Pack >/dev/null
got="update: $(ask update execute --name End | grep -oE '9[0-9.e+]{9,}')
result: $(ask result | grep -oE '9[0-9.e+]{9,}')
result as JSON: $(ask result --output json | grep -oE '9[0-9.e+]{9,}' | sort -u)
in the payload: $(ask result --output json --no-json-shorthand-payloads | grep -oE '"data": *"[^"]+"' |
	head -n 1 | cut -d'"' -f4 | base64 -d)"
want='update: 9.150557039630834e+17
result: 915055703963083400
result as JSON: 915055703963083400
in the payload: {"id":915055703963083411}'
echo "CLI $CLI, SDK $SDK:"
echo "$got"
if [[ $got != "$want" ]]; then
	echo "That has changed; it was:"
	echo "$want"
	exit 1
fi
