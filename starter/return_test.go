package main

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
)

// returnCall runs packhorse return on the fake; the words are split at spaces.
func returnCall(t *testing.T, f *fakeBackend, words string) (status int, stdout, stderr string) {
	t.Helper()
	return call(t, f, "", append([]string{"return"}, strings.Fields(words)...)...)
}

// mustReturn runs commands that are done.
func mustReturn(t *testing.T, f *fakeBackend, commands ...string) (stdout string) {
	t.Helper()
	for _, words := range commands {
		status, out, stderr := returnCall(t, f, words)
		if status != statusDone {
			t.Fatalf("return %s: status %d %s", words, status, stderr)
		}
		stdout = out
	}
	return stdout
}

// TestReturnFlagsBecomeTheCommand sends each command with its flags.
func TestReturnFlagsBecomeTheCommand(t *testing.T) {
	t.Parallel()
	const create = "create #1001 --line LANTERN=2 --line WICK=3 --reason UNWANTED --command-id made"
	id := returns.IDFor(1001, "made")
	line, wicks := id+2, id+3 // Two shipments have lanterns.
	work := id + 5
	operator := `{"commandId":"c","actor":{"role":"OPERATOR"}`
	for _, test := range []struct{ before, args, want string }{
		{
			"", "request 1001 --line LANTERN=1=defective --line 4726=2 --reason style --note broken --rma-number R9 " +
				"--restocking-fee 10% --shipping-fee 4.90 --to nordlicht --as merchant",
			`Request order 1001 {"commandId":"c","actor":{"role":"MERCHANT"},"orderId":"1001","returnLineItems":[` +
				`{"fulfillmentLineItemId":"4715","quantity":1,"returnReason":"DEFECTIVE","customerNote":"broken",` +
				`"restockingFee":{"percentage":"10"}},` +
				`{"fulfillmentLineItemId":"4726","quantity":2,"returnReason":"STYLE","customerNote":"broken",` +
				`"restockingFee":{"percentage":"10"}}],` +
				`"returnShippingFee":{"amount":"4.90","currencyCode":"EUR"},"rmaNumber":"R9","locationId":"8"}`,
		},
		{
			"", `create gid://shopify/Order/1001 --line gid://shopify/FulfillmentLineItem/4725=1 --reason OTHER --note n ` +
				`--expected-by 24h --when-overdue close --remind-before 2h --exchange LANTERN-2=1 ` +
				`--exchange {"title":"Wick","quantity":2} --exchange-at-once --notify-customer`,
			`Create order 1001 ` + operator + `,"orderId":"1001","returnLineItems":[` +
				`{"fulfillmentLineItemId":"4725","quantity":1,"returnReason":"OTHER","returnReasonNote":"n"}],` +
				`"expectedBy":"2026-11-28T12:00:00Z","whenOverdue":"CLOSE","remindBefore":"2h0m0s","exchangeLineItems":[` +
				`{"title":"","sku":"LANTERN-2","quantity":1},{"title":"Wick","quantity":2}],"exchangeAtOnce":true,` +
				`"notifyCustomer":true}`,
		},
		{
			"request #1001 --line WICK=3 --reason STYLE --command-id made",
			"approve #1001-R1 --decline WICK=1 --reason FINAL_SALE --note no --expected-by 24h --notify-customer",
			`Approve ` + id.String() + ` ` + operator + `,"declinedReturnLineItems":[{"returnLineItemId":"` +
				(id + 1).String() + `","quantity":1,"declineReason":"FINAL_SALE","declineNote":"no"}],` +
				`"expectedBy":"2026-11-28T12:00:00Z","notifyCustomer":true}`,
		},
		{
			"request #1001 --line WICK=3 --reason STYLE --command-id made",
			"decline " + id.String() + " --reason other --note no --notify-customer",
			`Decline ` + id.String() + ` ` + operator +
				`,"declineReason":"OTHER","declineNote":"no","notifyCustomer":true}`,
		},
		{
			create, "remove 1001-R1 --line WICK=1 --line " + line.String() + "=1",
			`Remove ` + id.String() + ` ` + operator + `,"returnLineItems":[{"returnLineItemId":"` + wicks.String() +
				`","quantity":1},{"returnLineItemId":"` + line.String() + `","quantity":1}]}`,
		},
		{
			create, "expect #1001 --expected-by 24h", `Expect ` + id.String() + ` ` + operator +
				`,"expectedBy":"2026-11-28T12:00:00Z"}`,
		},
		{create, "expect #1001 --none", `Expect ` + id.String() + ` ` + operator + `}`},
		{create, "close return/" + id.String(), `Close ` + id.String() + ` ` + operator + `}`},
		{create, "reopen gid://shopify/Return/" + id.String(), `Reopen ` + id.String() + ` ` + operator + `}`},
		{
			create, "cancel #1001-R1 --with-exchange --notify-customer",
			`Cancel ` + id.String() + ` ` + operator + `,"notifyCustomer":true,"withExchange":true}`,
		},
		{
			create, "receive #1001-R1 --line WICK=2 --damaged WICK=1 --short gid://shopify/ReturnLineItem/" +
				wicks.String() + "=1 --other-item LAMP=1 --instead-of wick --location 8 --note wet",
			`Receive ` + id.String() + ` ` + operator + `,"returnLineItems":[{"returnLineItemId":"` + wicks.String() +
				`","quantity":2}],"differences":[` +
				`{"returnLineItemId":"` + wicks.String() + `","kind":"SHORT","quantity":1},` +
				`{"returnLineItemId":"` + wicks.String() + `","kind":"OTHER_ITEM","quantity":1,"sku":"LAMP"},` +
				`{"returnLineItemId":"` + wicks.String() + `","kind":"DAMAGED","quantity":1}],` +
				`"locationId":"8","note":"wet"}`,
		},
		{
			create, "inspect #1001-R1 --line WICK=2 --restocked WICK=1 --not-restocked " + line.String() + "=1 --note ok",
			`Process ` + id.String() + ` ` + operator + `,"returnLineItems":[{"id":"` + wicks.String() +
				`","quantity":2,"dispositions":[{"reverseFulfillmentOrderLineItemId":"` + (work + 2).String() +
				`","quantity":1,"dispositionType":"RESTOCKED","locationId":"7"}]},{"id":"` + line.String() +
				`","quantity":1,"dispositions":[{"reverseFulfillmentOrderLineItemId":"` + (work + 1).String() +
				`","quantity":1,"dispositionType":"NOT_RESTOCKED"}]}],"note":"ok"}`,
		},
		{
			create, "dispose #1001-R1 --missing WICK=1 --restocked WICK=2 --location nordlicht",
			`Dispose ` + id.String() + ` ` + operator + `,"dispositionInputs":[` +
				`{"reverseFulfillmentOrderLineItemId":"` + (work + 2).String() +
				`","quantity":2,"dispositionType":"RESTOCKED","locationId":"8"},` +
				`{"reverseFulfillmentOrderLineItemId":"` + (work + 2).String() +
				`","quantity":1,"dispositionType":"MISSING","locationId":"8"}]}`,
		},
		{
			create, "parcel create #1001-R1 --line WICK=1 --tracking-company DHL --tracking-number 0034 " +
				"--tracking-url https://track.example/1 --label-url https://labels.example/1.pdf",
			`CreateReverseDelivery ` + id.String() + ` ` + operator + `,"reverseDeliveryLineItems":[` +
				`{"reverseFulfillmentOrderLineItemId":"` + (work + 2).String() + `","quantity":1}],` +
				`"trackingInput":{"number":"0034","url":"https://track.example/1","carrierName":"DHL"},` +
				`"labelInput":{"fileUrl":"https://labels.example/1.pdf"}}`,
		},
	} {
		f := lanternsOut()
		if test.before != "" {
			mustReturn(t, f, test.before)
		}
		f.sent = nil
		_, _, stderr := returnCall(t, f, test.args+" --command-id c")
		if len(f.sent) != 1 || f.sent[0] != test.want {
			t.Errorf("%s: %s\nsent %v\nwant %s", test.args, stderr, f.sent, test.want)
		}
	}
}

// TestEveryCommandOfReturnsIsOneOfTheProgram finds a documented subcommand for every verb that callers use.
func TestEveryCommandOfReturnsIsOneOfTheProgram(t *testing.T) {
	t.Parallel()
	group := newApp(nil, nil, nil).newReturn()
	for _, verb := range returns.Verbs() {
		name := commandsFor([]fulfillment.Action{fulfillment.Action(verb)})[0]
		c, rest, err := group.Find(strings.Fields(name))
		if err != nil || c == group || len(rest) > 0 || c.Short == "" ||
			!strings.Contains(c.Example, "packhorse return "+name+" ") {
			t.Errorf("%s has no documented subcommand %s", verb, name)
		}
	}
}

// TestReturnsLife goes from the request to the end, as people type it.
func TestReturnsLife(t *testing.T) {
	t.Parallel()
	f := lanternsOut()
	out := mustReturn(t, f, "request #1001 --line LANTERN=3 --reason DEFECTIVE --note flickers")
	if got := words(t, out, "Return"); got[1] != "#1001-R1" || got[3] != "REQUESTED" {
		t.Errorf("a request is %v", got)
	}
	if got := strings.Join(words(t, out, "possible"), " "); got != "possible approve, decline" {
		t.Error(got)
	}
	mustReturn(t, f, "approve #1001-R1", "parcel create #1001-R1 --tracking-company DHL --tracking-number 0034")
	out = mustReturn(t, f, "show #1001-R1")
	parcel := regexp.MustCompile(`(?m)^(\d+) +3 +DHL 0034`).FindStringSubmatch(out)
	if parcel == nil {
		t.Fatalf("no parcel in\n%s", out)
	}
	mustReturn(t, f, "parcel update gid://shopify/ReverseDelivery/"+parcel[1]+" --tracking-number 0035")
	ids := regexp.MustCompile(`(?m)^(\d+) +LANTERN +Storm lantern +(\d)`).FindAllStringSubmatch(out, -1)
	if len(ids) != 2 || ids[0][2] != "1" || ids[1][2] != "2" {
		t.Fatalf("the lines of a return from two shipments: %v in\n%s", ids, out)
	}
	out = mustReturn(t, f, "receive #1001-R1 --line "+ids[1][1]+"=2 --damaged "+ids[1][1]+"=1 --parcel "+parcel[1])
	if got := strings.Join(words(t, out, "waits"), " "); got != "waits for inspection of 2 units, and 1 more" {
		t.Error(got)
	}
	out = mustReturn(
		t, f, "inspect #1001-R1 --restocked "+ids[1][1]+"=1 --not-restocked "+ids[1][1]+"=1 --missing "+ids[0][1]+"=1",
	)
	if got := strings.Join(words(t, out, ids[1][1]), " "); got !=
		ids[1][1]+" LANTERN Storm lantern 2 2 2 1 restocked, 1 not restocked 1 damaged DEFECTIVE: flickers" {
		t.Error(got)
	}
	mustReturn(t, f, "close #1001-R1")
	out = mustReturn(t, f, "history #1001-R1")
	for _, want := range []string{
		"requested", "REQUESTED → OPEN", "reverse delivery updated", "received", "disposed", "OPEN → CLOSED",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in the history\n%s", want, out)
		}
	}
	out = mustReturn(t, f, "list --order #1001")
	if got := strings.Join(words(t, out, "#1001-R1"), " "); !strings.Contains(got, "CLOSED 3 2 3 - nothing") {
		t.Error(got)
	}
}

func TestReturnableShowsWhatIsLeftOfEachShipment(t *testing.T) {
	t.Parallel()
	f := lanternsOut()
	mustReturn(t, f, "create 1001 --line LANTERN=2 --reason STYLE")
	out := mustReturn(t, f, "returnable 1001")
	for id, want := range map[string]string{
		"4715": "4715 #1001-F1 LANTERN Storm lantern 1 0", "4725": "4725 #1001-F2 LANTERN Storm lantern 2 1",
		"4726": "4726 #1001-F2 WICK Wick 3 3",
	} {
		if got := strings.Join(words(t, out, id), " "); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	var page struct {
		Items []struct {
			ID   string `json:"id"`
			Left int    `json:"returnableQuantity"`
		}
	}
	if err := json.Unmarshal([]byte(mustReturn(t, f, "returnable 1001 -o json")), &page); err != nil ||
		len(page.Items) != 3 || page.Items[0].ID != "4715" || page.Items[1].Left != 1 {
		t.Errorf("%v %+v", err, page)
	}
}

func TestOrderShowsItsReturns(t *testing.T) {
	t.Parallel()
	f := lanternsOut()
	mustReturn(t, f, "create 1001 --line WICK=2 --reason STYLE --expected-by 24h")
	_, stdout, _ := call(t, f, "", "order", "show", "1001")
	if got := strings.Join(words(t, stdout, "#1001-R1"), " "); !strings.Contains(
		got, "OPEN 2 0 0 2026-11-28 12:00Z 2 units",
	) {
		t.Error(got)
	}
	_, stdout, _ = call(t, f, "", "order", "show", "1001", "-o", "json")
	var page struct{ Returns []struct{ Name string } }
	if err := json.Unmarshal([]byte(stdout), &page); err != nil || len(page.Returns) != 1 ||
		page.Returns[0].Name != "#1001-R1" {
		t.Errorf("%v: %s", err, stdout)
	}
}

// TestReturnIsAskedForOnce sends the very same command again, although its units are taken by then.
func TestReturnIsAskedForOnce(t *testing.T) {
	t.Parallel()
	f := lanternsOut()
	const command = "create 1001 --line LANTERN=3 --line WICK=3 --reason STYLE --command-id once"
	first := mustReturn(t, f, command)
	if again := mustReturn(t, f, command); again != first || len(f.returned.all) != 1 {
		t.Errorf("%d returns; first\n%s\nthen\n%s", len(f.returned.all), first, again)
	}
}

func TestReturnRefusalSaysAllThatIsWrong(t *testing.T) {
	t.Parallel()
	f := lanternsOut()
	status, stdout, stderr := returnCall(t, f, "create 1001 --line LANTERN=9 --line 99=1 --reason STYLE")
	want := `packhorse: Return line item has an invalid quantity. Fulfillment Line Item was not found.
  code        INVALID
  wrong       returnInput.returnLineItems.1.quantity: Return line item has an invalid quantity.
  wrong       returnInput.returnLineItems.2.fulfillmentLineItemId: Fulfillment Line Item was not found.
  what to do  See what there is: packhorse return returnable 1001
`
	if status != statusFailed || stdout != "" || stderr != want {
		t.Errorf("status %d, said %q and\n%s", status, stdout, stderr)
	}
	_, _, stderr = returnCall(t, f, "create 1001 --line LANTERN=9 --line 99=1 --reason STYLE -o json --command-id c")
	var document struct{ Error explanation }
	if err := json.Unmarshal([]byte(stderr), &document); err != nil || len(document.Error.Problems) != 2 ||
		document.Error.CommandID != "c" {
		t.Errorf("%v: %s", err, stderr)
	}
}

func TestReturnRefusalSaysWhatIsPossible(t *testing.T) {
	t.Parallel()
	f := lanternsOut()
	mustReturn(t, f, "create 1001 --line WICK=1 --reason STYLE")
	_, _, stderr := returnCall(t, f, "approve #1001-R1")
	want := `packhorse: Return is not approvable. Only returns with status REQUESTED can be approved.
  code        INVALID_STATE
  field       input.id
  stands at   OPEN
  possible    cancel, close, remove, inspect, dispose, parcel create, parcel update, receive, expect
  what to do  Do what is possible now: packhorse return --help. See what there is: packhorse return show '#1001-R1'
`
	if stderr != want {
		t.Error(stderr)
	}
	f.returned.fails = &fulfillment.Error{Code: fulfillment.CodeUnavailable, Message: "There is no answer yet."}
	status, _, stderr := returnCall(t, f, "close #1001-R1 --command-id again-1")
	if status != statusFailed || !strings.Contains(stderr, "--command-id again-1") {
		t.Errorf("status %d: %s", status, stderr)
	}
}

func TestNamesOfReturnsAndTheirLines(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ args, want string }{
		{"show #1001-R3", `order #1001 has #1001-R1 (`},
		{"show 1001", `more than one return: name one of #1001-R1 (`},
		{"show #1002", `There is no return "#1002"`},
		{"show #1002-R1", `There is no return "#1002-R1"`},
		{"show 4711", `There is no return "4711"`},
		{"close #1001-R1 --line LANTERN=1", "unknown flag: --line"},
		{"remove #1001-R1 --line LANTERN", "LINE=QUANTITY"},
		{"remove #1001-R1 --line LAMP=1", `Return #1001-R1 has no line "LAMP"; it has `},
		{"remove #1001-R1 --line LANTERN=1", `the SKU of more than one line of #1001-R1: give the ID, one of `},
		{"remove #1001-R1 --line 99=1", `Return line item was not found.`},
		{"remove #1001-R1 --exchange X=1", `no exchange line "X"`},
		{"remove #1001-R1", "at least one of the flags"},
		{"create 1001 --line LAMP=1 --reason STYLE", `No shipment of order #1001 has a line "LAMP".`},
		{"create 1001 --line WICK=1=NICE", "none of SIZE_TOO_SMALL"},
		{"create 1001 --line WICK=1 --reason STYLE --exchange X", "write it as SKU=QUANTITY"},
		{"create 1001 --line WICK=1 --reason STYLE --exchange {\"colour\":1}", "colour"},
		{"create 1001", `required flag(s) "line"`},
		{"approve #1001-R2 --decline WICK", "--decline needs a --reason"},
		{"dispose #1001-R2 --missing WICK=1", "Return #1001-R2 is REQUESTED: nothing of it comes back."},
		{"dispose #1001-R1 --restocked WICK=1 --location Moon", `There is no location "Moon"`},
		{"parcel update 4714 --tracking-number 1", "Reverse delivery was not found."},
		{"parcel update x --tracking-number 1", "an ID is a positive whole number"},
		{"parcel", "a command is missing"},
	} {
		f := lanternsOut()
		mustReturn(t, f, "create 1001 --line LANTERN=3 --reason STYLE", "request 1001 --line WICK=1 --reason STYLE")
		status, stdout, stderr := returnCall(t, f, test.args)
		if status == statusDone || stdout != "" || !strings.Contains(stderr, test.want) {
			t.Errorf("%s: status %d, said %q and %s, want %s", test.args, status, stdout, stderr, test.want)
		}
	}
}

func TestReturnsAreCompleted(t *testing.T) {
	t.Parallel()
	f := lanternsOut()
	mustReturn(t, f, "create 1001 --line WICK=1 --reason STYLE")
	for args, want := range map[string]string{
		"show 10": "1001-R1\tOPEN, 1 unit", "request 10": "1001\tPARTIALLY_FULFILLED", "parcel create 10": "1001-R1",
	} {
		_, stdout, _ := call(t, f, "", append([]string{"__complete", "return"}, strings.Fields(args)...)...)
		if !strings.Contains(stdout, want) {
			t.Errorf("%s completes to %q, want %s", args, stdout, want)
		}
	}
	if _, stdout, _ := call(t, f, "", "__complete", "return", "list", "--status", ""); !strings.Contains(
		stdout, "REQUESTED",
	) {
		t.Error(stdout)
	}
}

func TestReturnAnswerForPrograms(t *testing.T) {
	t.Parallel()
	f := lanternsOut()
	out := mustReturn(t, f, "create 1001 --line WICK=2 --reason STYLE --command-id c -o json")
	var answer struct {
		Command, CommandID string
		Result             returns.Result
		Return             struct {
			Name             string
			Lines            []returns.Line `json:"returnLineItems"`
			SupportedActions []string
		}
	}
	if err := json.Unmarshal([]byte(out), &answer); err != nil || answer.Command != "Create" ||
		answer.CommandID != "c" || answer.Result.Name != "#1001-R1" || answer.Return.Lines[0].Quantity != 2 ||
		len(answer.Return.SupportedActions) == 0 {
		t.Errorf("%v: %s", err, out)
	}
}
