package devstack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// errPostgresMissing says what a person can do.
var errPostgresMissing = errors.New("PostgreSQL's server programs (initdb, postgres) were not found: " +
	"install them with `apt-get install postgresql`, or set PACKHORSE_PG_BINDIR to their folder")

// postgresPrograms is the folder of PostgreSQL's programs, of the given major
// version if there is one ("" means the newest). It installs them when there
// are none and it may.
func postgresPrograms(ctx context.Context, major string, notice Notice) (string, error) {
	if folder := findPostgres(major); folder != "" {
		return folder, nil
	}
	if os.Getenv("PACKHORSE_PG_BINDIR") != "" {
		return "", fmt.Errorf("PACKHORSE_PG_BINDIR=%s has no initdb and postgres", os.Getenv("PACKHORSE_PG_BINDIR"))
	}
	lock, err := lockInstallation(ctx)
	if err != nil {
		return "", err
	}
	defer lock.Unlock()
	if folder := findPostgres(major); folder != "" {
		return folder, nil
	}
	if err := installPackages(ctx, notice, "postgresql"); err != nil {
		return "", fmt.Errorf("%w (%w)", errPostgresMissing, err)
	}
	if folder := findPostgres(major); folder != "" {
		return folder, nil
	}
	return "", errPostgresMissing
}

// findPostgres looks where PACKHORSE_PG_BINDIR says and nowhere else if it is
// set; else in PATH, where pg_config points, and where Debian puts them, newest
// first. A folder of the wanted major version wins over an earlier one without.
func findPostgres(major string) string {
	if folder := os.Getenv("PACKHORSE_PG_BINDIR"); folder != "" {
		if hasPostgres(folder) {
			return folder
		}
		return ""
	}
	var folders []string
	if path, err := exec.LookPath("postgres"); err == nil {
		folders = append(folders, filepath.Dir(path))
	}
	if out, err := exec.Command("pg_config", "--bindir").Output(); err == nil {
		folders = append(folders, strings.TrimSpace(string(out)))
	}
	debian, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	slices.SortFunc(debian, func(a, b string) int { return debianVersion(b) - debianVersion(a) })
	folders = slices.DeleteFunc(append(folders, debian...), func(folder string) bool { return !hasPostgres(folder) })

	for _, folder := range folders {
		if major != "" && postgresMajor(folder) == major {
			return folder
		}
	}
	if len(folders) == 0 {
		return ""
	}
	return folders[0]
}

func hasPostgres(folder string) bool {
	for _, program := range []string{"initdb", "postgres"} {
		if info, err := os.Stat(filepath.Join(folder, program)); err != nil || info.Mode()&0o111 == 0 {
			return false
		}
	}
	return true
}

func debianVersion(folder string) int {
	version, _ := strconv.Atoi(filepath.Base(filepath.Dir(folder)))
	return version
}

// postgresMajor is the major version of the programs in a folder: "15" of
// "postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)".
func postgresMajor(folder string) string {
	out, err := exec.Command(filepath.Join(folder, "postgres"), "--version").Output()
	words := strings.Fields(string(out))
	if err != nil || len(words) < 3 {
		return ""
	}
	major, _, _ := strings.Cut(words[2], ".")
	return major
}

// majorOf is the major version of an existing data folder, or "".
func majorOf(data string) string {
	version, _ := os.ReadFile(filepath.Join(data, "PG_VERSION"))
	return string(bytes.TrimSpace(version))
}
