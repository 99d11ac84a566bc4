package gateway

import (
	"cmp"
	"net/http"
	"regexp"
)

// The versions of the API. Apps ask for one in the path; all are served by the same schema.
const (
	oldestVersion   = "2025-01"
	newestVersion   = "2026-07"
	unstableVersion = "unstable"
)

// NewestVersion is the newest version of the API.
func NewestVersion() string { return newestVersion }

// release is the name of a version: one is published in the first month of each quarter.
var release = regexp.MustCompile(`^20[0-9]{2}-(01|04|07|10)$`)

// servedVersion is the version that is served to those who ask for one: an older or newer one falls back to the oldest
// or newest that there is, as in Shopify's API. False for what is no version's name.
func servedVersion(asked string) (string, bool) {
	switch {
	case asked == unstableVersion:
		return unstableVersion, true
	case !release.MatchString(asked):
		return "", false
	}
	return min(max(asked, oldestVersion), newestVersion), true
}

// IsVersion tells whether there is a version of that name: one that is served as it is, and not another one in its
// place.
func IsVersion(name string) bool {
	served, ok := servedVersion(name)
	return ok && served == name
}

// Versions says in words which versions there are.
func Versions() string {
	return oldestVersion + " to " + newestVersion + ", one each quarter, and " + unstableVersion
}

// askedVersion is the version that a request names in its path; the oldest one if it names none.
func askedVersion(r *http.Request) string { return cmp.Or(r.PathValue("version"), oldestVersion) }

// versionOf is the version that a request is served.
func versionOf(r *http.Request) string {
	version, _ := servedVersion(askedVersion(r))
	return version
}
