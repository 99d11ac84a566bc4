package main

import (
	"fmt"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"

	"packhorse/internal/fulfillment"
)

// comments is what the source says: of a type by its name, of a field by Type.Field.
type comments map[string]string

// domainSource is the folder of the domain's source, seen from this one's, and feedSource that of the feed's.
const (
	domainSource = "../../../fulfillment"
	feedSource   = "../../../feed"
	// returnsSource is that of returns. Its types have names that the domain has, too: see ofReturns.
	returnsSource = "../../../returns"
)

// ofReturns begins the names of types of returns, where they stand beside others.
const ofReturns = "Return"

// readAllComments reads what both say.
func readAllComments() (comments, error) {
	all, err := readComments(domainSource)
	if err != nil {
		return nil, err
	}
	more, err := readComments(feedSource)
	if err != nil {
		return nil, err
	}
	maps.Copy(all, more)
	back, err := readComments(returnsSource)
	for name, text := range back {
		all[ofReturns+name] = text
	}
	return all, err
}

// nameOf is the name of a type on the pages.
func nameOf(t reflect.Type) string {
	if strings.HasSuffix(t.PkgPath(), "/returns") {
		return ofReturns + t.Name()
	}
	return t.Name()
}

// readComments reads the Go files of a folder, tests aside. A folder without any is an error: the tables would lose
// what they say.
func readComments(folder string) (comments, error) {
	paths, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		return nil, err
	}
	found := comments{}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		if err != nil {
			return nil, fmt.Errorf("read the comments: %w", err)
		}
		for _, declaration := range file.Decls {
			if types, ok := declaration.(*ast.GenDecl); ok && types.Tok == token.TYPE {
				found.add(types)
			}
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("read the comments: there are no types in %s", folder)
	}
	return found, nil
}

func (c comments) add(types *ast.GenDecl) {
	for _, spec := range types.Specs {
		t := spec.(*ast.TypeSpec)
		first, _, _ := strings.Cut(types.Doc.Text(), "\n\n")
		c[t.Name.Name] = strings.Join(strings.Fields(first), " ")
		structure, ok := t.Type.(*ast.StructType)
		if !ok {
			continue
		}
		for _, field := range structure.Fields.List {
			for _, name := range field.Names {
				text := phrase(name.Name, field.Doc.Text()) + " " + field.Comment.Text()
				c[t.Name.Name+"."+name.Name] = strings.Join(strings.Fields(text), " ")
			}
		}
	}
}

// phrase is the comment above a field as one behind it would read: "Name is shown to people." becomes "shown to
// people".
func phrase(field, comment string) string {
	text := strings.TrimSpace(comment)
	for _, verb := range []string{" is ", " are "} {
		text = strings.TrimPrefix(text, field+verb)
	}
	if !strings.Contains(text, ". ") {
		text = strings.TrimSuffix(text, ".")
	}
	return text
}

// typeText is the first paragraph of a command's comment as a text of its own, with the names that its JSON has:
// "Close is how …" becomes "How …".
func (c comments) typeText(t reflect.Type) string {
	text := plain(strings.TrimPrefix(strings.TrimPrefix(c[nameOf(t)], t.Name()+" "), "is "))
	for i := range t.NumField() {
		if name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ","); name != "" {
			text = regexp.MustCompile(`\b`+t.Field(i).Name+`\b`).ReplaceAllString(text, "`"+name+"`")
		}
	}
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// firstSentence is the part of a text that fits into a table.
func firstSentence(text string) string { return new(doc.Package).Synopsis(text) }

var (
	link      = regexp.MustCompile(`\[([A-Za-z.]+)\]`)
	reference = regexp.MustCompile(`^see ([A-Za-z]+\.[A-Za-z]+)$`)
	words     = strings.NewReplacer(
		"MaxLineQuantity", fmt.Sprint(fulfillment.MaxLineQuantity), "MaxLines", fmt.Sprint(fulfillment.MaxLines),
		" (verb \"Hold\")", "", "; nil takes", "; null takes")
)

// plain takes out what only a reader of Go understands.
func plain(text string) string { return words.Replace(link.ReplaceAllString(text, "$1")) }

// fieldText is a field's comment, taken apart: its default and everything else. A comment that sends its reader to
// another field stands for that field's.
func (c comments) fieldText(name string) (fallback, meaning string) {
	var rest []string
	for clause := range strings.SplitSeq(plain(c[name]), "; ") {
		text, isDefault := strings.CutPrefix(clause, "default")
		text = strings.TrimLeft(text, ": ")
		if other := reference.FindStringSubmatch(clause); other != nil {
			_, clause = c.fieldText(other[1])
		}
		switch {
		case isDefault:
			before, _, _ := strings.Cut(text, ", see ")
			fallback = before
		case strings.HasPrefix(clause, "see "), clause == "":
		default:
			before, _, _ := strings.Cut(clause, ", see ")
			rest = append(rest, before)
		}
	}
	return fallback, strings.Join(rest, "; ")
}
