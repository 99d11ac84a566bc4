#!/usr/bin/env bash
# On the development server of Temporal (its store is SQLite), STARTS_WITH ignores the case of a Keyword, though "=" and
# BETWEEN don't: the guess was that all of them compare the same characters. So a list for the prefix 'parcel' has
# 'Parcel-A' too, which = 'parcel-a' does not find, and NOT STARTS_WITH leaves it out. It is the same for WorkflowId, of
# which two that differ by case alone are two workflows. Seen with the Temporal CLI below (server 1.29.1).
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
	--search-attribute Label=Keyword >server.log 2>&1 &
server=$!
for _ in $(seq 120); do
	./temporal operator cluster health --address "127.0.0.1:$port" >/dev/null 2>&1 && break
	sleep 1
done
start() {
	timeout 60 ./temporal workflow start --address "127.0.0.1:$port" --task-queue parcels --type Pack \
		--workflow-id "$1" --search-attribute "Label=\"$1\"" >/dev/null
}
found() {
	timeout 60 ./temporal workflow list --address "127.0.0.1:$port" --query "$1" --output json |
		grep -oE '"workflowId": *"[^"]+"' | cut -d'"' -f4 | sort -u | paste -sd' ' || true
}
start Parcel-A
start parcel-a
start letter
for _ in $(seq 60); do
	[[ $(found "TaskQueue = 'parcels'" | wc -w) == 3 ]] && break
	sleep 1
done
export LC_ALL=C
got="Label = 'parcel-a': $(found "Label = 'parcel-a'")
Label BETWEEN 'parcel' AND 'parcels': $(found "Label BETWEEN 'parcel' AND 'parcels'")
Label STARTS_WITH 'parcel': $(found "Label STARTS_WITH 'parcel'")
Label NOT STARTS_WITH 'parcel': $(found "Label NOT STARTS_WITH 'parcel'")
WorkflowId STARTS_WITH 'parcel': $(found "WorkflowId STARTS_WITH 'parcel'")"
want="Label = 'parcel-a': parcel-a
Label BETWEEN 'parcel' AND 'parcels': parcel-a
Label STARTS_WITH 'parcel': Parcel-A parcel-a
Label NOT STARTS_WITH 'parcel': letter
WorkflowId STARTS_WITH 'parcel': Parcel-A parcel-a"
echo "CLI $CLI:"
echo "$got"
if [[ $got != "$want" ]]; then
	echo "That has changed; it was:"
	echo "$want"
	exit 1
fi
