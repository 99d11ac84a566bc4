package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"packhorse/internal/dev/devstack"
	"packhorse/internal/standardwebhook"
)

const (
	// warehousePort is that of the sample warehouse: its service remembers the address.
	warehousePort = 8090
	// warehouseSecret is the name of the secret between the sample warehouse and Packhorse.
	warehouseSecret = "SAMPLE_WAREHOUSE"
)

// secretOfWarehouse is that of earlier runs, else a new one.
func (s *stack) secretOfWarehouse() (string, error) {
	file := filepath.Join(s.folder, "warehouse-secret")
	if !s.fresh {
		kept, err := os.ReadFile(file)
		if err == nil && len(strings.TrimSpace(string(kept))) > 0 {
			return strings.TrimSpace(string(kept)), nil
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("read the kept secret of the sample warehouse: %w", err)
		}
	}
	var key [32]byte
	_, _ = rand.Read(key[:]) // It never fails.
	secret := standardwebhook.NewSecret(key)
	if s.fresh {
		return secret, nil
	}
	if err := os.WriteFile(file, []byte(secret+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("keep the secret of the sample warehouse: %w", err)
	}
	return secret, nil
}

// startWarehouse starts the warehouse of examples/warehouse, which one of the sample services is.
func (s *stack) startWarehouse(ctx context.Context) error {
	port, err := s.port(warehousePort, "the sample warehouse")
	if err != nil {
		return err
	}
	log, err := s.openLog("warehouse")
	if err != nil {
		return err
	}
	s.warehouseURL = fmt.Sprintf("http://127.0.0.1:%d", port)
	arguments := []string{
		"--listen", fmt.Sprintf("127.0.0.1:%d", port), "--callbacks", "http://" + s.apiAddress() + "/providers/http",
		"--labels", "--pending", "--accept-after", "400ms", "--ship-after", "800ms", "--travel-after", "500ms",
	}
	if !s.fresh {
		arguments = append(arguments, "--file", filepath.Join(s.folder, "warehouse.json"))
	}
	s.warehouse, err = devstack.StartProcess(ctx, devstack.Command{
		Name: "the sample warehouse", Path: s.program("packhorse-warehouse"), Args: arguments,
		Env: append(s.environment(), "WAREHOUSE_SECRET="+s.warehouseSecret), Log: log,
	})
	if err != nil {
		return err
	}
	ready, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if err := s.warehouse.Ready(ready, s.warehouseAnswers); err != nil {
		return err
	}
	s.tell("%-12s %s", "Warehouse", s.warehouseURL)
	return nil
}

// warehouseAnswers asks whether the warehouse is there. It refuses who signs nothing.
func (s *stack) warehouseAnswers(ctx context.Context) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.warehouseURL+"/options", nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusUnauthorized {
		return fmt.Errorf("somebody else answers at %s: %d", s.warehouseURL, response.StatusCode)
	}
	return nil
}
