#!/usr/bin/env bash
# On the development server of Temporal (its store is SQLite), a Datetime search attribute of a whole second is not
# equal to that second, and is later than it: "=", BETWEEN and "<=" with the very time that was given find nothing, ">"
# finds it. The guess was that times are compared as times; it looks as if texts were, of which the stored one has
# three digits of a second ("10:00:00.000") and the one of the query only those that it needs ("10:00:00"). A time with
# exactly three digits equals, and so do all others of that millisecond. So a list of what is due by a moment misses
# what is due at it. Seen with the Temporal CLI below (server 1.29.1).
set -euo pipefail
CLI=v1.5.1

folder=$(mktemp -d)
server=
trap '[[ -z $server ]] || kill "$server" 2>/dev/null
	chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder"
GOBIN=$folder go install "github.com/temporalio/cli/cmd/temporal@$CLI"
port=$((20000 + RANDOM % 20000))
./temporal server start-dev --headless --ip 127.0.0.1 --port "$port" --log-level error \
	--search-attribute Due=Datetime >server.log 2>&1 &
server=$!
for _ in $(seq 120); do
	./temporal operator cluster health --address "127.0.0.1:$port" >/dev/null 2>&1 && break
	sleep 1
done
start() {
	timeout 60 ./temporal workflow start --address "127.0.0.1:$port" --task-queue parcels --type Pack \
		--workflow-id "$1" --search-attribute "Due=\"$2\"" >/dev/null
}
found() {
	timeout 60 ./temporal workflow list --address "127.0.0.1:$port" --query "$1" --output json |
		grep -oE '"workflowId": *"[^"]+"' | cut -d'"' -f4 | sort -u | paste -sd' ' || true
}
start second 2026-05-01T10:00:00Z
start milli 2026-06-01T10:00:00.123Z
start micro 2026-06-01T10:00:00.123456Z
for _ in $(seq 60); do
	[[ $(found "TaskQueue = 'parcels'" | wc -w) == 3 ]] && break
	sleep 1
done
export LC_ALL=C
at=2026-05-01T10:00:00Z
got="second, =: $(found "Due = '$at'")
second, <=: $(found "Due <= '$at'")
second, BETWEEN: $(found "Due BETWEEN '$at' AND '$at'")
second, > and before June: $(found "Due > '$at' AND Due < '2026-06-01T00:00:00Z'")
millisecond, =: $(found "Due = '2026-06-01T10:00:00.123Z'")
microsecond, =: $(found "Due = '2026-06-01T10:00:00.123456Z'")"
want="second, =: 
second, <=: 
second, BETWEEN: 
second, > and before June: second
millisecond, =: micro milli
microsecond, =: "
echo "CLI $CLI:"
echo "$got"
if [[ $got != "$want" ]]; then
	echo "That has changed; it was:"
	echo "$want"
	exit 1
fi
