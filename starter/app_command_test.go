package main

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
)

// testToken is what the fake gives out.
const testToken = access.TokenPrefix + "0000"

func (b fakeBook) Apps(context.Context) ([]access.App, error) {
	return []access.App{
		{
			ID: 51, Handle: "nordlicht", Name: "Nordlicht 3PL",
			Scopes:    []access.Scope{access.WriteAssigned, access.WriteFulfillments},
			CreatedAt: noon.Add(-90 * 24 * time.Hour),
		},
		{ID: 52, Handle: "web-shop", Name: "Web shop", Scopes: access.Scopes(), CreatedAt: noon.Add(-72 * time.Hour)},
	}, nil
}

func (b fakeBook) CreateApp(_ context.Context, app access.App) (access.App, error) {
	return app, b.note("CreateApp", app)
}

func (b fakeBook) UpdateAppScopes(_ context.Context, id fulfillment.ID, scopes []access.Scope) (access.App, error) {
	return access.App{ID: id, Scopes: scopes}, b.note("UpdateAppScopes "+id.String(), scopes)
}

func (b fakeBook) ServicesOfApp(ctx context.Context, id fulfillment.ID) ([]fulfillment.Service, error) {
	if id != 51 {
		return nil, nil
	}
	return b.Services(ctx)
}

func (b fakeBook) Tokens(_ context.Context, appID fulfillment.ID) ([]access.Token, error) {
	used, revoked := noon.Add(-5*time.Minute), noon.Add(-time.Hour)
	var found []access.Token
	for _, token := range []access.Token{
		{ID: 61, AppID: 51, LastFour: "9cde", CreatedAt: noon.Add(-48 * time.Hour), LastUsedAt: &used},
		{
			ID: 62, AppID: 51, LastFour: "329e", CreatedAt: noon.Add(-24 * time.Hour), LastUsedAt: &revoked,
			RevokedAt: &revoked,
		},
		{ID: 63, AppID: 52, LastFour: "0a1b", CreatedAt: noon.Add(-time.Hour)},
	} {
		if appID == 0 || token.AppID == appID {
			found = append(found, token)
		}
	}
	return found, nil
}

func (b fakeBook) CreateToken(_ context.Context, appID fulfillment.ID) (access.Token, string, error) {
	return access.Token{
		ID: 64, AppID: appID, LastFour: "0000", CreatedAt: noon,
	}, testToken, b.note("CreateToken", appID)
}

func (b fakeBook) RevokeToken(_ context.Context, id fulfillment.ID) (access.Token, error) {
	if id != 61 {
		return access.Token{}, fmt.Errorf("revoke: %w", fulfillment.ErrNotFound)
	}
	at := noon
	return access.Token{
		ID: id, AppID: 51, LastFour: "9cde", CreatedAt: noon.Add(-48 * time.Hour), RevokedAt: &at,
	}, b.note("RevokeToken", id)
}

// TestAppsAndTokens is what people and programs see, and what is sent for it.
func TestAppsAndTokens(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ args, sent, stdout, stderr string }{
		{"app create Shop --scopes read_orders,write_orders --handle shop",
			`CreateApp {"id":"0","handle":"shop","name":"Shop","scopes":["read_orders","write_orders"],"createdAt":"0001-01-01T00:00:00Z"}`,
			"read_orders, write_orders", ""},
		{"app create Shop --scopes all -o json", `"write_returns"]`, `"scopes": [`, ""},
		{"app update NORDLICHT --scopes read_orders", `UpdateAppScopes 51 ["read_orders"]`, "read_orders", ""},
		{"app list", "", "52   Web shop       web-shop   2026-11-24 12:00Z  all\n", ""},
		{"app show nordlicht", "", "9        Nordlicht  nordlicht  simulated  8", ""},
		{"app show 51", "", "61     nordlicht  phat_…9cde  2026-11-25 12:00Z  2026-11-27 11:55Z (5 min ago)", ""},
		{"app show 51 -o json", "", `"lastFour": "9cde"`, ""},
		{"token list", "", "63     web-shop   phat_…0a1b  2026-11-27 11:00Z  never\n", ""},
		{"token revoke 61", `RevokeToken "61"`, "2026-11-27 12:00Z (0 s ago)", ""},
		{"token revoke 61 -o json", `RevokeToken "61"`, `"revokedAt": "2026-11-27T12:00:00Z"`, ""},
		{"token create web-shop -o json", `CreateToken "52"`, `"token": "` + testToken + `"`, ""},
	} {
		t.Run(test.args, func(t *testing.T) {
			t.Parallel()
			f := lantern()
			status, stdout, stderr := call(t, f, "", strings.Fields(test.args)...)
			if status != statusDone || !strings.Contains(stdout, test.stdout) || stderr != test.stderr {
				t.Errorf("status %d, said %q and %q; want %q and %q", status, stdout, stderr, test.stdout, test.stderr)
			}
			if sent := strings.Join(f.sent, "\n"); test.sent == "" && sent != "" || !strings.Contains(sent, test.sent) {
				t.Errorf("sent %s, want %s", sent, test.sent)
			}
		})
	}
}

// TestTokenAlone is for TOKEN=$(packhorse token create …).
func TestTokenAlone(t *testing.T) {
	t.Parallel()
	status, stdout, stderr := call(t, lantern(), "", "token", "create", "Web shop")
	if status != statusDone || stdout != testToken+"\n" || !strings.Contains(stderr, "token 64 of the app web-shop") ||
		strings.Contains(stderr, testToken) {
		t.Errorf("status %d, said %q and %q", status, stdout, stderr)
	}
	if _, stdout, _ := call(t, lantern(), "", "token", "list", "nordlicht"); strings.Contains(stdout, "web-shop") ||
		strings.Count(stdout, "nordlicht") != 2 {
		t.Errorf("the tokens of one app are:\n%s", stdout)
	}
}

func TestAppsAndTokensRefuse(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		args, want string
		status     int
	}{
		{"app create Shop", `required flag(s) "scopes"`, statusUsage},
		{
			"app create Shop --scopes read_everything",
			`there is no scope "read_everything"; there are read_merchant_managed_fulfillment_orders, `, statusUsage,
		},
		{"app create --scopes all", "one argument is needed, the app's name", statusUsage},
		{"app update web-shop", `required flag(s) "scopes"`, statusUsage},
		{"app show nobody", `There is no app "nobody"; see packhorse app list.`, statusFailed},
		{"token create nobody", `There is no app "nobody"`, statusFailed},
		{"token list nobody", `There is no app "nobody"`, statusFailed},
		{"token revoke abc", `"abc" is not an ID`, statusUsage},
		{"token revoke 7", "There is no token 7; see packhorse token list.", statusFailed},
	} {
		t.Run(test.args, func(t *testing.T) {
			t.Parallel()
			f := lantern()
			status, stdout, stderr := call(t, f, "", strings.Fields(test.args)...)
			if status != test.status || !strings.Contains(stderr, test.want) || stdout != "" || len(f.sent) > 0 {
				t.Errorf(
					"status %d, want %d; said %q and %q, want %q; sent %v", status, test.status, stdout, stderr,
					test.want, f.sent,
				)
			}
		})
	}
}
