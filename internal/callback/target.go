package callback

import (
	"net/url"
	"strings"
)

// Target is the URL of a call: that of the service with the path of the call at the end of its own, and the parameters
// behind its own. A slash at the end of the service's URL is not doubled; what stands behind # is left out.
func Target(base string, call Call, suffix string, parameters Parameters) (string, error) {
	u, err := url.Parse(base)
	if err != nil {
		return "", err
	}
	u.Fragment, u.RawFragment = "", ""
	path := strings.TrimRight(u.EscapedPath(), "/") + "/" + call.Path() + suffix
	if u.Path, err = url.PathUnescape(path); err != nil {
		return "", err
	}
	u.RawPath, u.ForceQuery = path, false
	if own := parameters.String(); own != "" && u.RawQuery != "" {
		u.RawQuery += "&" + own
	} else if own != "" {
		u.RawQuery = own
	}
	return u.String(), nil
}

// Parameters are names and values of a query, in their order.
type Parameters [][2]string

// String is the query as it is sent.
func (p Parameters) String() string {
	parts := make([]string, len(p))
	for i, one := range p {
		parts[i] = url.QueryEscape(one[0]) + "=" + url.QueryEscape(one[1])
	}
	return strings.Join(parts, "&")
}

// Query is the query of a URL, as it is sent: what is signed of a question.
func Query(target string) string {
	_, query, _ := strings.Cut(target, "?")
	return query
}
