// Package admin has the Go types of the Admin API's objects, and what runs them: gqlgen makes it of the schema and of
// these types (exec_gen.go). Inputs, enums, payloads and other plain objects are generated, too (models_gen.go); a noun
// whose fields take reading has a file of its own, with a method for each field. What a method needs beyond its object
// it reads through the [Loaders] of the request, which batch the reads of one level into one.
package admin
