package fulfillment

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"reflect"
	"slices"
	"time"
)

// Fingerprint identifies what a command asks for, apart from its command ID, the IDs it would mint, and what the
// workflow looked up for it: two sendings of the same command have the same fingerprint.
func Fingerprint(cmd Command) string {
	if cmd.Verb() == VerbMove {
		return fingerprint(string(cmd.Verb()), cmd, "location", "unstockedSkus")
	}
	return fingerprint(string(cmd.Verb()), cmd)
}

// JointFingerprint identifies what a joint command asks for, as [Fingerprint] does. A command alone has the fingerprint
// that it has when the fulfillment order decides it by itself.
func JointFingerprint(cmd Joint) string {
	if a, ok := cmd.(*Alone); ok {
		return Fingerprint(a.Command)
	}
	return fingerprint("joint "+string(cmd.Verb()), cmd, "location", "alternatives")
}

// IsAgain tells whether a command with this fingerprint, which was decided before, is cmd as its sender has it. Who
// decides has it tidied ([Admit]), so that a sloppy one has another fingerprint there than here.
func IsAgain(cmd Command, fingerprint string) bool {
	if Fingerprint(cmd) == fingerprint {
		return true
	}
	body, err := json.Marshal(cmd)
	if err != nil {
		return false
	}
	for _, tidy := range admissions {
		if as, refused := DecodeCommand(cmd.Verb(), body, false); refused == nil {
			_ = tidy(as, time.Time{}) // A refusal changes nothing of what it is.
			if Fingerprint(as) == fingerprint {
				return true
			}
		}
	}
	return false
}

// AsDecided are the ways in which a joint command may have been decided: as its sender has it, and tidied.
func AsDecided(cmd Joint) []Joint {
	all := []Joint{cmd}
	body, err := json.Marshal(cmd)
	if err != nil {
		return all
	}
	for _, tidy := range admissions {
		if as, refused := DecodeJoint(cmd.Verb(), body, false); refused == nil {
			_ = tidy(as, time.Time{})
			all = append(all, as)
		}
	}
	return all
}

// admissions are the ways in which commands were tidied, the present one first.
var admissions = []func(cmd interface{ Envelope() *Meta }, now time.Time) *Error{Admit, AdmitAsBefore}

// fingerprint is that of a command of this name, apart from its envelope's IDs and the fields that were looked up.
func fingerprint(name string, cmd any, lookedUp ...string) string {
	body, err := NumberedJSON(cmd)
	if err != nil {
		// A command is plain data; only what JSON has no word for, such as the year 10000, can't be written.
		body = []byte(err.Error())
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(body, &fields) == nil {
		for _, field := range append(lookedUp, "commandId", "firstId", "forRequest") {
			delete(fields, field)
		}
		if rest, err := json.Marshal(fields); err == nil {
			body = rest
		}
	}
	sum := sha256.Sum256(append([]byte(name+"\n"), body...))
	return hex.EncodeToString(sum[:12])
}

// NumberedJSON is the JSON of a value with its IDs as numbers, which is what fingerprints are made of: those in the
// store and in histories are from before IDs were written as text, and a command that is sent again must still be
// recognised. It is for comparing only: a text that equals one of the IDs loses its quotes, too.
func NumberedJSON(v any) ([]byte, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	ids := idsIn(reflect.ValueOf(v))
	slices.Sort(ids)
	for _, id := range slices.Compact(ids) {
		number := []byte(id.String())
		for _, after := range []byte(",]}") { // A value, not a name.
			body = bytes.ReplaceAll(
				body, append(append([]byte{'"'}, number...), '"', after), append(bytes.Clone(number), after),
			)
		}
	}
	return body, nil
}

// idsIn are the IDs in a value, but for those in maps: no command has such.
func idsIn(v reflect.Value) (ids []ID) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		return idsIn(v.Elem())
	case reflect.Struct:
		for _, field := range v.Fields() {
			ids = append(ids, idsIn(field)...)
		}
	case reflect.Slice:
		for i := range v.Len() {
			ids = append(ids, idsIn(v.Index(i))...)
		}
	case reflect.Int64:
		if v.Type() == reflect.TypeFor[ID]() {
			ids = append(ids, ID(v.Int()))
		}
	}
	return ids
}
