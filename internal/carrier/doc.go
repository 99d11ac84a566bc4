// Package carrier tells from a tracking number whose it may be: 39 formats of 18 couriers, with their check digits.
//
// It proposes and never overrules: many numbers fit by chance (one of ten with 10 or 11 digits, any with 14), so only
// [Propose] is to be acted upon, and only where nobody has named a carrier.
package carrier
