// Package access says who may do what through the Admin API: apps with scopes, tokens that stand for apps, and one
// table of operations ([Operations]) that everything else asks.
package access
