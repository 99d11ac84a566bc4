package config

import "testing"

func TestWorkflowURL(t *testing.T) {
	t.Parallel()
	for base, want := range map[string]string{
		"":                         "",
		"http://127.0.0.1:8233":    "http://127.0.0.1:8233/namespaces/shop/workflows/order%2F1",
		"https://t.example.com/x/": "https://t.example.com/x/namespaces/shop/workflows/order%2F1",
	} {
		if got := (Temporal{UIURL: base, Namespace: "shop"}).WorkflowURL("order/1"); got != want {
			t.Errorf("%q gave %q, want %q", base, got, want)
		}
	}
	if problems := (Temporal{UIURL: "127.0.0.1:8233"}).problems(); len(problems) != 1 {
		t.Errorf("an address without a scheme gave %q", problems)
	}
}
