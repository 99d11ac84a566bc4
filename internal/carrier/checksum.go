package carrier

import "strings"

// A checksum tells whether the check digit is the one of the serial number. Both are upper-case letters and digits.
type checksum func(serial, check string) bool

// digitOf is a character's value in mod 10: letters count by their place in ASCII, three less.
func digitOf(c byte) int {
	if c >= '0' && c <= '9' {
		return int(c - '0')
	}
	return (int(c) - 3) % 10
}

// mod10 weighs the characters in turn, the first one by evens.
func mod10(evens, odds int) checksum {
	return func(serial, check string) bool {
		sum := 0
		for i := range len(serial) {
			sum += digitOf(serial[i]) * []int{evens, odds}[i%2]
		}
		return (10-sum%10)%10 == digitOf(check[0])
	}
}

// mod10FromRight is mod10 with the last character as the first one.
func mod10FromRight(evens, odds int) checksum {
	sum := mod10(evens, odds)
	return func(serial, check string) bool {
		turned := []byte(serial)
		for i, j := 0, len(turned)-1; i < j; i, j = i+1, j-1 {
			turned[i], turned[j] = turned[j], turned[i]
		}
		return sum(string(turned), check)
	}
}

// luhn doubles every other digit, beginning with the last one of the serial number.
func luhn(serial, check string) bool {
	sum := 0
	for i := range len(serial) {
		d := digitOf(serial[len(serial)-1-i])
		if i%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return (10-sum%10)%10 == digitOf(check[0])
}

// mod7 is the remainder of the number.
func mod7(serial, check string) bool {
	rest := 0
	for i := range len(serial) {
		rest = (rest*10 + digitOf(serial[i])) % 7
	}
	return rest == digitOf(check[0])
}

// weighted multiplies each digit by the weight at its place, and takes the remainders by one modulus after the other.
func weighted(weights string, moduli ...int) checksum {
	return func(serial, check string) bool {
		sum := 0
		for i := range len(serial) {
			sum += digitOf(serial[i]) * digitOf(weights[i])
		}
		for _, m := range moduli {
			sum %= m
		}
		return sum == digitOf(check[0])
	}
}

// s10 is the check digit of the Universal Postal Union's S10.
func s10(serial, check string) bool {
	sum := 0
	for i := range len(serial) {
		sum += digitOf(serial[i]) * digitOf("86423597"[i])
	}
	digit := 11 - sum%11
	switch digit {
	case 10:
		digit = 0
	case 11:
		digit = 5
	}
	return digit == digitOf(check[0])
}

// mod37_36 is ISO 7064 MOD 37,36; its check character may be a letter.
func mod37_36(serial, check string) bool { //nolint:revive,staticcheck // The standard's name.
	const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	p := 36
	for i := range len(serial) {
		if p += strings.IndexByte(alphabet, serial[i]); p > 36 {
			p -= 36
		}
		if p *= 2; p > 36 {
			p -= 37
		}
	}
	return alphabet[(37-p)%36] == check[0]
}

// with puts the prefix before serial numbers that do not begin with it: carriers leave it off in print.
func with(prefix string, sum checksum) checksum {
	return func(serial, check string) bool {
		if !strings.HasPrefix(serial, prefix) {
			serial = prefix + serial
		}
		return sum(serial, check)
	}
}
