// Package callback says which URLs a fulfillment service may be called back on. A service is told of requests by HTTP
// calls to an address that an app has given, so without rules an app could have this program call into the network that
// the program runs in.
//
// [Rules.Check] judges a URL when it is given. A name can point elsewhere later, so whoever calls such a URL does it
// through [Rules.Dialer], which judges the address of each connection again, after the name was resolved.
package callback
