package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"packhorse/internal/dev/devstack"
	"packhorse/internal/gateway"
)

// devApp is the app that the token of this stack stands for. It may do everything.
const devApp = "dev"

// graphiQL is the setting by which the API serves a page to try it. Limits are those of production: what is beyond them
// is better met here.
const graphiQL = "PACKHORSE_GRAPHIQL"

// startAPI starts the API, waits until it is ready, and has a token for it.
func (s *stack) startAPI(ctx context.Context) error {
	var err error
	if s.apiPort, err = s.port(apiPort, "the API"); err != nil {
		return err
	}
	environment := append(s.environment(), "PACKHORSE_API_ADDRESS="+s.apiAddress())
	if os.Getenv(graphiQL) == "" {
		environment = append(environment, graphiQL+"=true")
	}
	s.api, err = s.keep(ctx, devstack.Command{
		Name: "packhorse serve", Path: s.program("packhorse"), Args: []string{"serve"}, Env: environment,
	}, apiMetricsPort)
	if err != nil {
		return err
	}
	s.token, err = s.tokenFor(ctx)
	return err
}

// tokenFor is a token with all scopes: that of earlier runs, if the API still takes it, because people have it in their
// browsers; else a new one.
func (s *stack) tokenFor(ctx context.Context) (string, error) {
	if !s.fresh {
		kept, err := os.ReadFile(s.tokenFile())
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("read the kept access token: %w", err)
		}
		if token := strings.TrimSpace(string(kept)); token != "" && s.apiTakes(ctx, token) {
			return token, nil
		}
	}
	if _, err := s.packhorse(ctx, "app", "create", devApp, "--scopes", "all"); err != nil {
		// It is there from an earlier version, which knew fewer scopes.
		if _, updateErr := s.packhorse(ctx, "app", "update", devApp, "--scopes", "all"); updateErr != nil {
			return "", err
		}
	}
	answer, err := s.packhorse(ctx, "token", "create", devApp, "--output", "json")
	if err != nil {
		return "", err
	}
	var created struct{ Token string }
	if err := json.Unmarshal(answer, &created); err != nil || created.Token == "" {
		return "", fmt.Errorf("read the new access token: %w", err)
	}
	if !s.fresh {
		if err := os.WriteFile(s.tokenFile(), []byte(created.Token+"\n"), 0o600); err != nil {
			return "", fmt.Errorf("keep the access token: %w", err)
		}
	}
	return created.Token, nil
}

// apiTakes asks the API whether it knows the token.
func (s *stack) apiTakes(ctx context.Context, token string) bool {
	request, err := http.NewRequestWithContext(
		ctx, http.MethodPost, s.apiURL(), strings.NewReader(`{"query":"{ __typename }"}`),
	)
	if err != nil {
		return false
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Shopify-Access-Token", token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	defer response.Body.Close()
	return response.StatusCode == http.StatusOK
}

// packhorse runs the command line to its end and returns what it answers.
func (s *stack) packhorse(ctx context.Context, arguments ...string) ([]byte, error) {
	var out bytes.Buffer
	_, err := s.finish(ctx, devstack.Command{
		Name: "packhorse " + arguments[0], Path: s.program("packhorse"), Args: arguments, Env: s.environment(),
		Log: &out,
	})
	return out.Bytes(), err
}

func (s *stack) tokenFile() string { return filepath.Join(s.folder, "token") }

func (s *stack) apiAddress() string { return fmt.Sprintf("127.0.0.1:%d", s.apiPort) }

func (s *stack) apiURL() string { return "http://" + s.apiAddress() + gateway.Endpoint() }

// graphiQLURL has the token where browsers keep it to themselves.
func (s *stack) graphiQLURL() string {
	return "http://" + s.apiAddress() + "/graphiql/#token=" + s.token
}
