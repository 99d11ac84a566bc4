package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
	"packhorse/internal/temporalio"
)

// gid is the number of a global ID of an object of this kind, as the Admin API writes it; other texts stay as they are.
func gid(text, kind string) string {
	if global, is := strings.CutPrefix(text, "gid://"); is {
		if _, number, of := strings.Cut(global, "/"+kind+"/"); of {
			return number
		}
	}
	return text
}

// findReturn finds a return by its ID, its name ("#1001-R1"), or its order, when that has one return only.
func findReturn(ctx context.Context, b book, name string) (*returns.Return, error) {
	if id, err := fulfillment.ParseID(strings.TrimPrefix(gid(name, "Return"), temporalio.ReturnPrefix)); err == nil {
		r, err := b.Return(ctx, id)
		if err == nil || !errors.Is(err, fulfillment.ErrNotFound) {
			return r, err
		}
	}
	unknown := &fulfillment.Error{
		Code:    returns.CodeNotFound,
		Message: fmt.Sprintf("There is no return %q; see packhorse return list.", name),
	}
	order, err := findOrder(ctx, b, name)
	ofOrder := true // Not a return's own name.
	if cut := strings.LastIndex(name, "-R"); isOrderNotFound(err) && cut > 0 {
		order, err = findOrder(ctx, b, name[:cut])
		ofOrder = false
	}
	switch {
	case isOrderNotFound(err):
		return nil, unknown
	case err != nil:
		return nil, err
	}
	of, err := b.OrderReturns(ctx, []fulfillment.ID{order.ID})
	if err != nil {
		return nil, err
	}
	all := of[order.ID]
	texts := make([]string, len(all))
	for i, r := range all {
		if !ofOrder && strings.TrimPrefix(r.Name, "#") == strings.TrimPrefix(name, "#") {
			return r, nil
		}
		texts[i] = fmt.Sprintf("%s (%s, %s)", r.Name, r.ID, r.Status)
	}
	has := strings.Join(texts, ", ")
	switch {
	case len(all) == 0:
		unknown.Message = fmt.Sprintf("Order %s has no returns; see packhorse return list.", order.Name)
		return nil, unknown
	case !ofOrder:
		unknown.Message = fmt.Sprintf("There is no return %q; order %s has %s.", name, order.Name, has)
		return nil, unknown
	case len(all) == 1:
		return all[0], nil
	}
	return nil, fmt.Errorf("%q is an order with more than one return: name one of %s", name, has)
}

// units is a number of units of a line, as it is named on the command line.
type units struct {
	line   string // an ID, or an SKU
	n      int
	reason returns.Reason // where one may be given
}

const unitsKind = "LINE=QTY"

// unitsValue reads LINE=QUANTITY, once for each line. Whether a quantity makes sense is for the domain to say.
func unitsValue(into *[]units) *value {
	return &value{unitsKind, func(text string) error {
		u, ok := readUnits(text)
		if !ok {
			return errors.New("write it as LINE=QUANTITY with an ID or an SKU, such as 4711=2 or LANTERN=1")
		}
		*into = append(*into, u)
		return nil
	}, nil}
}

// reasonedUnitsValue reads LINE=QUANTITY, or LINE=QUANTITY=REASON.
func reasonedUnitsValue(into *[]units) *value {
	return &value{"LINE=QTY[=REASON]", func(text string) error {
		u, ok := readUnits(text)
		if cut := strings.LastIndexByte(text, '='); !ok && cut > 0 {
			if u, ok = readUnits(text[:cut]); ok {
				if err := oneOf(&u.reason, returns.Reasons...).Set(text[cut+1:]); err != nil {
					return fmt.Errorf("the reason %q: %w", text[cut+1:], err)
				}
			}
		}
		if !ok {
			return errors.New("write it as LINE=QUANTITY or LINE=QUANTITY=REASON, with an ID or an SKU, such as " +
				"4711=2 or LANTERN=1=DEFECTIVE")
		}
		*into = append(*into, u)
		return nil
	}, nil}
}

func readUnits(text string) (units, bool) {
	cut := strings.LastIndexByte(text, '=')
	if cut <= 0 {
		return units{}, false
	}
	n, err := strconv.Atoi(text[cut+1:])
	return units{line: text[:cut], n: n}, err == nil
}

// lineOf is the return line that goes by this name. An ID that the return does not have is for the domain to refuse,
// which answers a repeated command as then, also when the line is gone since.
func lineOf(r *returns.Return, name string) (fulfillment.ID, error) {
	id, err := fulfillment.ParseID(gid(name, "ReturnLineItem"))
	var found []fulfillment.ID
	var has []string
	for _, l := range r.Lines {
		if err == nil && l.ID == id {
			return id, nil
		}
		if l.SKU != "" && strings.EqualFold(l.SKU, name) {
			found = append(found, l.ID)
		}
		has = append(has, strings.TrimSpace(fmt.Sprintf("%s %s", l.ID, l.SKU)))
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return 0, fmt.Errorf(
			"%q is the SKU of more than one line of %s: give the ID, one of %s", name, r.Name, joinedIDs(found),
		)
	case err == nil:
		return id, nil
	}
	return 0, &fulfillment.Error{Code: returns.CodeNotFound, Message: fmt.Sprintf(
		"Return %s has no line %q; it has %s.", r.Name, name, cmp.Or(strings.Join(has, ", "), "none"),
	)}
}

// workLineOf is the line of the return's reverse fulfillment order that goes by the name of its return line, or by its
// own ID.
func workLineOf(r *returns.Return, name string) (fulfillment.ID, error) {
	if len(r.Work) == 0 {
		refused := &fulfillment.Error{
			Code: fulfillment.CodeInvalidState, Status: fulfillment.Status(r.Status),
			Message: fmt.Sprintf("Return %s is %s: nothing of it comes back.", r.Name, r.Status),
		}
		for _, verb := range r.SupportedVerbs(fulfillment.Actor{Role: fulfillment.RoleOperator}) {
			refused.SupportedActions = append(refused.SupportedActions, fulfillment.Action(verb))
		}
		return 0, &returnError{"packhorse return show " + shellWord(r.Name), refused}
	}
	own, _ := fulfillment.ParseID(gid(name, "ReverseFulfillmentOrderLineItem"))
	for i := range r.Work {
		for _, l := range r.Work[i].Lines {
			if l.ID == own {
				return own, nil
			}
		}
	}
	id, err := lineOf(r, name)
	if err != nil {
		return 0, err
	}
	for i := range r.Work {
		for _, l := range r.Work[i].Lines {
			if l.ReturnLineID == id {
				return l.ID, nil
			}
		}
	}
	return id, nil
}

// exchangeLineOf is the exchange line that goes by this name, as [lineOf] has it.
func exchangeLineOf(r *returns.Return, name string) (fulfillment.ID, error) {
	id, err := fulfillment.ParseID(gid(name, "ExchangeLineItem"))
	var found []fulfillment.ID
	for _, l := range r.ExchangeLines {
		if err == nil && l.ID == id {
			return id, nil
		}
		if l.SKU != "" && strings.EqualFold(l.SKU, name) {
			found = append(found, l.ID)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return 0, fmt.Errorf(
			"%q is the SKU of more than one exchange line of %s: give the ID, one of %s", name, r.Name,
			joinedIDs(found),
		)
	case err == nil:
		return id, nil
	}
	return 0, &fulfillment.Error{
		Code: returns.CodeNotFound, Message: fmt.Sprintf("Return %s has no exchange line %q.", r.Name, name),
	}
}

func joinedIDs(ids []fulfillment.ID) string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = id.String()
	}
	return strings.Join(texts, ", ")
}

// optionalLocation is the ID of a location that may be named; 0: it is not. Whether there is one with an ID is for the
// workflow to say.
func optionalLocation(ctx context.Context, b book, name string) (fulfillment.ID, error) {
	if name == "" {
		return 0, nil
	}
	if id, err := fulfillment.ParseID(gid(name, "Location")); err == nil {
		return id, nil
	}
	l, err := location(ctx, b, name)
	return l.ID, err
}
