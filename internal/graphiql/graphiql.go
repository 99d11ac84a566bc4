// Package graphiql is a page on which people try the Admin API: GraphiQL, with documents for each step of a fulfillment
// order's life. All that it needs is embedded, so it works without the Internet.
package graphiql

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// assets/graphiql.js and assets/graphiql.css are GraphiQL and what it needs in one file each; how they are made is said
// in assets/README.md.
//
//go:embed page.html page.js page.css assets/graphiql.js assets/graphiql.css assets/THIRD_PARTY_LICENSES.txt
var files embed.FS

// policy allows nothing that is not served here. GraphiQL's editor sets styles of its own.
const policy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
	"font-src 'self' data:; " +
	"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// setup is what the page asks for first.
type setup struct {
	Endpoint string    `json:"endpoint"`
	Examples []Example `json:"examples"`
}

// file is one file of the page, and what tells whether a browser has it already.
type file struct {
	name, kind, tag string
	content         []byte
}

// Handler serves the page, at / and below, for an API at this path of the same server. Nothing of it is secret: who
// uses it has a token.
func Handler(endpoint string) http.Handler {
	mux := http.NewServeMux()
	serve := func(path, kind string, content []byte) {
		sum := sha256.Sum256(content)
		f := file{name: path, kind: kind, tag: `"` + hex.EncodeToString(sum[:8]) + `"`, content: content}
		mux.Handle("GET "+path, f)
	}
	serve("/{$}", "text/html; charset=utf-8", embedded("page.html"))
	serve("/page.js", "text/javascript; charset=utf-8", embedded("page.js"))
	serve("/page.css", "text/css; charset=utf-8", embedded("page.css"))
	serve("/graphiql.js", "text/javascript; charset=utf-8", embedded("assets/graphiql.js"))
	serve("/graphiql.css", "text/css; charset=utf-8", embedded("assets/graphiql.css"))
	serve("/licenses.txt", "text/plain; charset=utf-8", embedded("assets/THIRD_PARTY_LICENSES.txt"))
	text, err := json.Marshal(setup{Endpoint: endpoint, Examples: Examples()})
	if err != nil {
		panic(fmt.Sprintf("write the page's examples: %v", err)) // They are text.
	}
	serve("/setup.json", "application/json", text)
	return mux
}

func embedded(name string) []byte {
	content, err := files.ReadFile(name)
	if err != nil {
		panic(fmt.Sprintf("read an embedded file: %v", err)) // Embedded files are always there.
	}
	return content
}

// ServeHTTP lets browsers keep the file, and ask whether it is still the same.
func (f file) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Content-Type", f.kind)
	header.Set("Content-Security-Policy", policy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cache-Control", "no-cache")
	header.Set("ETag", f.tag)
	http.ServeContent(w, r, f.name, time.Time{}, bytes.NewReader(f.content))
}
