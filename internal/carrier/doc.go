// Package carrier tells from a tracking number whose it may be: 40 formats, with their check digits, of 18
// couriers and of GS1, whose SSCC is of none.
//
// It proposes and never overrules: many numbers fit by chance (one of ten with 10 or 11 digits, any with 14), so only
// [Propose] is to be acted upon, and only where nobody has named a carrier.
package carrier
