package fulfillment

import (
	"fmt"
	"strings"
	"unicode"
)

// Tidy is a text of one line as all of Packhorse keeps and compares it, such as a SKU, a name, a handle, a tag, a
// tracking number or a part of an address: without blanks at its ends, and with one ordinary blank where there are
// several in a row, or others. Blanks are what Unicode calls white space (tabs, line ends and the no-break space
// included), and the characters without width that programs leave behind, such as a byte order mark. So what looks the
// same is the same. Case and everything else stay: they are their owner's.
func Tidy(text string) string {
	if strings.IndexFunc(text, isBlank) < 0 {
		return text
	}
	return strings.Join(strings.FieldsFunc(text, isBlank), " ")
}

func isBlank(r rune) bool {
	return unicode.IsSpace(r) || r == '\u200b' || r == '\u2060' || r == '\ufeff'
}

// textProblem is what no text may have: what PostgreSQL can't keep, and what shows that the text was damaged on its
// way. Empty: nothing.
func textProblem(text string) string {
	if strings.ContainsRune(text, unicode.ReplacementChar) {
		return "has the character U+FFFD, which stands where a character was lost: send the text as UTF-8, whole"
	}
	return ""
}

// lineProblem is what a text of one line may not have when it is tidy: control characters, too. Empty: nothing.
func lineProblem(text string) string {
	for _, r := range text {
		if unicode.IsControl(r) {
			return fmt.Sprintf("must not contain control characters (has U+%04X)", r)
		}
	}
	return textProblem(text)
}

// TidyAll tidies each of the texts, and leaves out those of which nothing is left. The slice is a new one.
func TidyAll(texts []string) []string {
	var tidy []string
	for _, text := range texts {
		if text = Tidy(text); text != "" {
			tidy = append(tidy, text)
		}
	}
	return tidy
}
