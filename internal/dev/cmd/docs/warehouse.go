package main

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"packhorse/internal/provider/http"
	"packhorse/internal/provider/http/trial"
)

// contractNode is an object, a list or a value of the contract for warehouses, in the order of its file.
type contractNode struct{ *yaml.Node }

func contractRoot() contractNode {
	var document yaml.Node
	if err := yaml.Unmarshal(http.Contract(), &document); err != nil {
		panic(fmt.Sprintf("the contract for warehouses is no YAML: %v", err)) // Its tests read it, too.
	}
	return contractNode{document.Content[0]}
}

// members are those of an object, in order.
func (n contractNode) members() iter.Seq2[string, contractNode] {
	return func(yield func(string, contractNode) bool) {
		if n.Node == nil {
			return
		}
		node := n.resolved()
		for i := 0; node.Kind == yaml.MappingNode && i+1 < len(node.Content); i += 2 {
			if !yield(node.Content[i].Value, contractNode{node.Content[i+1]}) {
				return
			}
		}
	}
}

// resolved is what an alias of YAML stands for.
func (n contractNode) resolved() *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n.Node
}

// at is the member at the end of the names; one that is not there has no text and no members.
func (n contractNode) at(names ...string) contractNode {
	for _, name := range names {
		found := contractNode{}
		for member, value := range n.members() {
			if member == name {
				found = value
			}
		}
		n = found
	}
	return n
}

// text is the value in one line of a table.
func (n contractNode) text() string {
	if n.Node == nil {
		return ""
	}
	return strings.ReplaceAll(strings.Join(strings.Fields(n.resolved().Value), " "), "|", `\|`)
}

// values are those of a list.
func (n contractNode) values() []string {
	var list []string
	if n.Node != nil {
		for _, one := range n.resolved().Content {
			list = append(list, one.Value)
		}
	}
	return list
}

// refName is what a reference leads to; "": it is none.
func (n contractNode) refName() string {
	ref := n.at("$ref").text()
	return ref[strings.LastIndexByte(ref, '/')+1:]
}

func warehouseIntroduction() string { return contractRoot().at("info", "description").Value }

// warehouseCalls is the table of what a warehouse is asked.
func warehouseCalls() string {
	var b strings.Builder
	root := contractRoot()
	b.WriteString("| call | body | answers | what |\n|---|---|---|---|\n")
	for path, item := range root.at("paths").members() {
		for method, operation := range item.members() {
			if operation.at("operationId").text() == "" {
				continue
			}
			body := operation.at("requestBody", "content", "application/json", "schema").refName()
			var answers []string
			for status := range operation.at("responses").members() {
				answers = append(answers, status)
			}
			what := operation.at("summary").text()
			if more := operation.at("description").text(); more != "" {
				what += " " + more
			}
			fmt.Fprintf(&b, "| `%s %s` | %s | %s | %s |\n", strings.ToUpper(method), path, linked(body),
				strings.Join(answers, ", "), what)
		}
	}
	b.WriteString("\n| answer | what it says | body |\n|---|---|---|\n")
	for name, response := range root.at("components", "responses").members() {
		var bodies []string
		for kind, content := range response.at("content").members() {
			bodies = append(bodies, linked(content.at("schema").refName())+" as `"+kind+"`")
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", name, response.at("description").text(), strings.Join(bodies, ", "))
	}
	return b.String()
}

// warehouseCallbacks is the table of what a warehouse tells.
func warehouseCallbacks() string {
	var b strings.Builder
	b.WriteString("| `type` | body | what |\n|---|---|---|\n")
	for kind, item := range contractRoot().at("webhooks").members() {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", kind, linked(item.at("post", "requestBody").refName()),
			item.at("post", "summary").text())
	}
	return b.String()
}

// warehouseSignature is how both sides sign, with the headers.
func warehouseSignature() string {
	var b strings.Builder
	components := contractRoot().at("components")
	b.WriteString(components.at("securitySchemes", "signature", "description").Value)
	b.WriteString("\n| header | what |\n|---|---|\n")
	for _, parameter := range components.at("parameters").members() {
		if parameter.at("in").text() == "header" {
			fmt.Fprintf(&b, "| `%s` | %s |\n", parameter.at("name").text(), parameter.at("description").text())
		}
	}
	return b.String()
}

// warehouseBodies are the tables of the bodies.
func warehouseBodies() string {
	var b strings.Builder
	for name, schema := range contractRoot().at("components", "schemas").members() {
		fmt.Fprintf(&b, "### %s\n\n", name)
		if what := schema.at("description").text(); what != "" {
			b.WriteString(what + "\n\n")
		}
		rows := bodyRows(schema)
		if len(rows) == 0 {
			b.WriteString(valueOf(schema) + "\n\n")
			continue
		}
		b.WriteString("| member | value | what |\n|---|---|---|\n" + strings.Join(rows, "") + "\n")
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

// bodyRows are the members of an object; those that it has to have are marked.
func bodyRows(schema contractNode) []string {
	var rows []string
	if all := schema.at("allOf"); all.Node != nil {
		for _, part := range all.Content {
			part := contractNode{part}
			if ref := part.refName(); ref != "" {
				rows = append(rows, fmt.Sprintf("| … | those of %s | |\n", linked(ref)))
				continue
			}
			rows = append(rows, bodyRows(part)...)
		}
		return rows
	}
	required := schema.at("required").values()
	for name, member := range schema.at("properties").members() {
		mark := ""
		if slices.Contains(required, name) {
			mark = " *"
		}
		what := member.at("description").text()
		rows = append(rows, fmt.Sprintf("| `%s`%s | %s | %s |\n", name, mark, valueOf(member), what))
	}
	return rows
}

// valueOf is the kind of a value.
func valueOf(schema contractNode) string {
	if ref := schema.refName(); ref != "" {
		return linked(ref)
	}
	if words := schema.at("enum").values(); len(words) > 0 {
		return "`" + strings.Join(words, "` `") + "`"
	}
	switch kind := schema.at("type").text(); {
	case kind == "array":
		if items := schema.at("items"); items.Node != nil {
			return "list of " + valueOf(items)
		}
		return "list"
	case kind == "object":
		var members []string
		required := schema.at("required").values()
		for name, member := range schema.at("properties").members() {
			mark := ""
			if slices.Contains(required, name) {
				mark = "*"
			}
			members = append(members, "`"+name+"`"+mark+": "+valueOf(member))
		}
		if len(members) == 0 {
			return "object"
		}
		return "{" + strings.Join(members, ", ") + "}"
	case schema.at("pattern").text() != "":
		return "text `" + schema.at("pattern").text() + "`"
	case schema.at("format").text() == "date-time":
		return "time such as `2026-01-31T12:00:00Z`"
	case schema.at("contentEncoding").text() != "":
		return schema.at("contentEncoding").text()
	case kind == "string":
		return "text"
	case kind == "integer":
		return "whole number"
	default:
		return kind
	}
}

// linked is the name of a body with its link on the page.
func linked(name string) string {
	if name == "" {
		return ""
	}
	return "[" + name + "](#" + strings.ToLower(name) + ")"
}

// warehousePoints are what packhorse provider test http looks at.
func warehousePoints() string {
	var b strings.Builder
	b.WriteString("| point | rule |\n|---|---|\n")
	for _, p := range trial.Points() {
		fmt.Fprintf(&b, "| `%s` | %s |\n", p.Name, strings.ReplaceAll(p.Rule, "|", `\|`))
	}
	return b.String()
}
