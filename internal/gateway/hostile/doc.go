// Package hostile measures what one request may cost the API at the most: with documents, calls and connections that
// were made to be dear, against a process of its own with the settings that it has by default.
package hostile
