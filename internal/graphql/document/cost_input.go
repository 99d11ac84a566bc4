package document

import (
	"fmt"

	"github.com/vektah/gqlparser/v2/ast"
)

// smallInput is how many bytes the arguments of a field may have that don't count: pages of pages have many fields, and
// what is dear is a long text or list that each of them is given again.
const smallInput = 256

// inputSize is how large a value among the arguments is.
type inputSize struct {
	longest int // items of its longest list
	bytes   int // about as many as its JSON has
}

func (s *inputSize) add(o inputSize) {
	s.longest, s.bytes = max(s.longest, o.longest), add(s.bytes, o.bytes)
}

// inputs is how many bytes the arguments of a field have, if they are more than a few. The first list among them that
// is too long is an error.
func (e *estimator) inputs(f *ast.Field, path []string) int {
	bytes := 0
	for _, argument := range f.Arguments {
		size := e.literalSize(argument.Value)
		bytes = add(bytes, size.bytes)
		if e.limits.MaxInputSize > 0 && size.longest > e.limits.MaxInputSize {
			e.errs = append(e.errs, at(costError(CodeMaxInputExceeded, fmt.Sprintf(
				"The input array size of %d is greater than the maximum allowed of %d.", size.longest,
				e.limits.MaxInputSize,
			)), f, path))
			break
		}
	}
	if bytes <= smallInput {
		return 0
	}
	return bytes
}

// literalSize is the size of a value as the document has it. A variable is looked at once.
func (e *estimator) literalSize(value *ast.Value) inputSize {
	if value.Kind == ast.Variable {
		size, ok := e.sizes[value.Raw]
		if !ok {
			size = sizeOf(e.variables[value.Raw])
			e.sizes[value.Raw] = size
		}
		return size
	}
	size := inputSize{bytes: len(value.Raw) + 2}
	if value.Kind == ast.ListValue {
		size.longest = len(value.Children)
	}
	for _, child := range value.Children {
		size.add(e.literalSize(child.Value))
	}
	return size
}

// sizeOf is the size of a variable's value.
func sizeOf(value any) inputSize {
	size := inputSize{bytes: 2}
	switch value := value.(type) {
	case string:
		size.bytes += len(value)
	case []any:
		size.longest = len(value)
		for _, item := range value {
			size.add(sizeOf(item))
		}
	case map[string]any:
		for name, item := range value {
			size.bytes += len(name)
			size.add(sizeOf(item))
		}
	}
	return size
}
