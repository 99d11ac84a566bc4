package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
)

func (a *app) newReturnReceive() *cobra.Command {
	cmd := &returns.Receive{}
	var lines []units
	differing := map[returns.DifferenceKind]*[]units{}
	var parcel fulfillment.ID
	var at, instead string
	c := a.commandsReturn("receive", "Count what came in a parcel", `'#1001-R1' --line LANTERN=2 --damaged LANTERN=1`, cmd,
		func(ctx context.Context, b book, r *returns.Return) (err error) {
			cmd.Lines, cmd.Differences, cmd.DeliveryID = nil, nil, parcel
			for _, u := range lines {
				id, err := lineOf(r, u.line)
				if err != nil {
					return err
				}
				cmd.Lines = append(cmd.Lines, returns.ReceivedUnits{ReturnLineID: id, Quantity: u.n})
			}
			for _, kind := range returns.DifferenceKinds {
				for _, u := range *differing[kind] {
					d := returns.DifferenceInput{Kind: kind, Quantity: u.n}
					line := u.line
					if kind == returns.DifferenceOtherItem {
						d.SKU, line = u.line, instead
					}
					if line != "" {
						if d.ReturnLineID, err = lineOf(r, line); err != nil {
							return err
						}
					}
					cmd.Differences = append(cmd.Differences, d)
				}
			}
			cmd.LocationID, err = optionalLocation(ctx, b, at)
			return err
		})
	c.Long = `Counts what came, as it is scanned and before anybody looks at it closely: whatever its condition. What
was not as announced is noted, and changes no quantity. A closed return is opened again by it.`
	c.Flags().Var(unitsValue(&lines), "line", "units of a line, by ID or SKU, that came; once for each line")
	names := []string{"line"}
	for _, kind := range returns.DifferenceKinds {
		differing[kind] = new([]units)
		name := kebab(string(kind))
		names = append(names, name)
		c.Flags().Var(unitsValue(differing[kind]), name, differenceUsage[kind])
	}
	c.Flags().StringVar(&instead, "instead-of", "", "the `LINE` that another item came for; needed if there are several")
	c.Flags().Var(partValue(&parcel, "ReverseDelivery"), "parcel", "the parcel that came (see packhorse return show)")
	c.Flags().StringVar(&at, "location", "", "where it came: `LOCATION` (ID or name; default: where the return comes to)")
	completesFlag(c, "location", a.locationNames())
	c.Flags().StringVar(&cmd.Note, "note", "", "`TEXT` about what came")
	c.MarkFlagsOneRequired(names...)
	return c
}

var differenceUsage = map[returns.DifferenceKind]string{
	returns.DifferenceShort:     "units of a line that are missing",
	returns.DifferenceExcess:    "units of a line beyond those of the return that came, too",
	returns.DifferenceOtherItem: "units of another SKU that came: SKU=QTY",
	returns.DifferenceDamaged:   "units of a line that came damaged; they are counted by --line, too",
}

// partValue reads the ID of a part of a return, also as a global ID of this kind.
func partValue(into *fulfillment.ID, kind string) *value {
	v := idValue(into)
	return &value{v.kind, func(text string) error { return v.set(gid(text, kind)) }, nil}
}

// disposals are flags that say what became of units.
type disposals struct {
	units map[returns.DispositionType]*[]units
	at    string
}

// add adds a flag for each type, and returns their names.
func (d *disposals) add(a *app, c *cobra.Command) []string {
	d.units = map[returns.DispositionType]*[]units{}
	var names []string
	for _, kind := range returns.DispositionTypes {
		d.units[kind] = new([]units)
		name := kebab(string(kind))
		names = append(names, name)
		c.Flags().Var(unitsValue(d.units[kind]), name, disposalUsage[kind])
	}
	c.Flags().StringVar(
		&d.at, "location", "", "`LOCATION` (ID or name) where they are (default, if restocked: where the return comes to)",
	)
	completesFlag(c, "location", a.locationNames())
	return names
}

var disposalUsage = map[returns.DispositionType]string{
	returns.Restocked:          "units of a line, by ID or SKU, that can be sold again",
	returns.NotRestocked:       "units of a line that came, and are not sold again",
	returns.ProcessingRequired: "units of a line about which it is decided later",
	returns.Missing:            "units of a line that did not come",
}

// read makes dispositions of the flags, with the names of their lines. The location is said of what can be sold again,
// and of the others if it is given.
func (d *disposals) read(ctx context.Context, b book, r *returns.Return) ([]returns.DisposeUnits, []string, error) {
	at, err := optionalLocation(ctx, b, d.at)
	if err != nil {
		return nil, nil, err
	}
	var inputs []returns.DisposeUnits
	var names []string
	for _, kind := range returns.DispositionTypes {
		for _, u := range *d.units[kind] {
			id, err := workLineOf(r, u.line)
			if err != nil {
				return nil, nil, err
			}
			in := returns.DisposeUnits{WorkLineID: id, Quantity: u.n, Type: kind, LocationID: at}
			if at == 0 && kind == returns.Restocked {
				in.LocationID = r.Destination.LocationID
			}
			inputs, names = append(inputs, in), append(names, u.line)
		}
	}
	return inputs, names, nil
}

func (a *app) newReturnDispose() *cobra.Command {
	cmd := &returns.Dispose{}
	var flags disposals
	c := a.commandsReturn(
		"dispose", "Say what became of units", `'#1001-R1' --restocked LANTERN=1 --location "Main warehouse"`, cmd, func(
			ctx context.Context, b book, r *returns.Return,
		) (err error) {
			cmd.Units, _, err = flags.read(ctx, b, r)
			return err
		},
	)
	c.Long = `Says what became of units that came, or that did not. It does not count them as inspected: "inspect" does,
and may say the same.`
	c.MarkFlagsOneRequired(flags.add(a, c)...)
	return c
}

func (a *app) newReturnInspect() *cobra.Command {
	cmd := &returns.Process{}
	var flags disposals
	var lines, exchange []units
	c := a.commandsReturn(
		"inspect", "Say that units were looked at and are done with",
		`'#1001-R1' --restocked LANTERN=1 --not-restocked LANTERN=1`, cmd,
		func(ctx context.Context, b book, r *returns.Return) error {
			cmd.Lines, cmd.ExchangeLines = nil, nil
			for _, u := range exchange {
				id, err := exchangeLineOf(r, u.line)
				if err != nil {
					return err
				}
				cmd.ExchangeLines = append(cmd.ExchangeLines, returns.Quantity{ID: id, Quantity: u.n})
			}
			disposed, names, err := flags.read(ctx, b, r)
			if err != nil {
				return err
			}
			cmd.Lines, err = inspected(r, lines, disposed, names)
			return err
		},
	)
	c.Long = `Says that units were inspected and are done with, and what became of them: --line LANTERN=2
--restocked LANTERN=1 is two units, of which one can be sold again. Lines that only --restocked and its like name are
inspected as far as these say. The return stays open: "close" ends it.`
	c.Flags().Var(unitsValue(&lines), "line", "units of a line, by ID or SKU, that are done with; once for each line")
	names := append(flags.add(a, c), "line", "exchange")
	c.Flags().Var(
		unitsValue(&exchange), "exchange", "units of the exchange, by ID or SKU, that go out; once for each line",
	)
	c.Flags().StringVar(&cmd.Note, "note", "", "`TEXT` about the inspection")
	notifyFlag(c, &cmd.Notify)
	c.MarkFlagsOneRequired(names...)
	return c
}

// inspected are lines with what became of their units. A line of which only that is said is inspected as far.
func inspected(
	r *returns.Return, lines []units, disposed []returns.DisposeUnits, names []string,
) ([]returns.ProcessedUnits, error) {
	var all []returns.ProcessedUnits
	at := map[fulfillment.ID]int{} // in all
	for _, u := range lines {
		id, err := lineOf(r, u.line)
		if err != nil {
			return nil, err
		}
		at[id] = len(all)
		all = append(all, returns.ProcessedUnits{ReturnLineID: id, Quantity: u.n})
	}
	counted := len(all)
	for i, d := range disposed {
		id, err := returnLineOf(r, d.WorkLineID, names[i])
		if err != nil {
			return nil, err
		}
		n, known := at[id]
		if !known {
			n = len(all)
			at[id] = n
			all = append(all, returns.ProcessedUnits{ReturnLineID: id})
		}
		if n >= counted {
			all[n].Quantity += d.Quantity
		}
		all[n].Dispositions = append(all[n].Dispositions, d)
	}
	return all, nil
}

// returnLineOf is the return line that a line of the work is about, which was named so.
func returnLineOf(r *returns.Return, workLine fulfillment.ID, name string) (fulfillment.ID, error) {
	for i := range r.Work {
		for _, l := range r.Work[i].Lines {
			if l.ID == workLine {
				return l.ReturnLineID, nil
			}
		}
	}
	return lineOf(r, name)
}

func (a *app) newReturnParcel() *cobra.Command {
	return group("parcel", "Name the parcels that come back",
		`A parcel is a reverse delivery: what it brings, how its way is followed, and its label.`,
		a.newReturnParcelCreate(), a.newReturnParcelUpdate())
}

// parcelFlags is how a parcel's way is followed, and its label.
type parcelFlags struct {
	tracking returns.TrackingInput
	label    string
}

func (f *parcelFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.tracking.CarrierName, "tracking-company", "", "`CARRIER` that brings it")
	c.Flags().StringVar(&f.tracking.Number, "tracking-number", "", "tracking `NUMBER`")
	c.Flags().StringVar(&f.tracking.URL, "tracking-url", "", "tracking `URL`")
	c.Flags().StringVar(&f.label, "label-url", "", "`URL` of the label")
}

// input is nil for what nothing is said about.
func (f *parcelFlags) input() (tracking *returns.TrackingInput, label *returns.LabelInput) {
	if f.tracking != (returns.TrackingInput{}) {
		tracking = new(f.tracking)
	}
	if f.label != "" {
		label = &returns.LabelInput{FileURL: f.label}
	}
	return tracking, label
}

func (a *app) newReturnParcelCreate() *cobra.Command {
	cmd := &returns.CreateDelivery{}
	var lines []units
	var flags parcelFlags
	c := a.commandsReturn("create", "Say that a parcel comes back",
		`'#1001-R1' --tracking-company DHL --tracking-number 00340434161094042557`, cmd, func(
			_ context.Context, _ book, r *returns.Return,
		) error {
			cmd.Lines = nil
			for _, u := range lines {
				id, err := workLineOf(r, u.line)
				if err != nil {
					return err
				}
				cmd.Lines = append(cmd.Lines, returns.DeliveryUnits{WorkLineID: id, Quantity: u.n})
			}
			cmd.Tracking, cmd.Label = flags.input()
			return nil
		})
	c.Example = strings.Replace(c.Example, "return create", "return parcel create", 1)
	c.Long = `Says that a parcel comes back for an open return, with all of its units, or those that --line names.`
	c.Flags().Var(unitsValue(&lines), "line", "units of a line, by ID or SKU, that it brings; without it, all")
	flags.add(c)
	notifyFlag(c, &cmd.Notify)
	return c
}

func (a *app) newReturnParcelUpdate() *cobra.Command {
	cmd := &returns.UpdateDelivery{}
	var flags parcelFlags
	c := &cobra.Command{
		Use: "update PARCEL", Short: "Replace a parcel's tracking or label", Args: oneArgument("parcel", isParcel),
		Long:    `Replaces what is given of tracking and label. A parcel is named by its ID: packhorse return show RETURN.`,
		Example: `  packhorse return parcel update 4711 --tracking-company DHL --tracking-number 00340434161094042557`,
	}
	who := a.askerFlags(c)
	flags.add(c)
	notifyFlag(c, &cmd.Notify)
	c.MarkFlagsOneRequired("tracking-company", "tracking-number", "tracking-url", "label-url")
	c.RunE = func(c *cobra.Command, args []string) error {
		ctx := c.Context()
		b, err := a.backend.book(ctx)
		if err != nil {
			return err
		}
		if err := partValue(&cmd.DeliveryID, "ReverseDelivery").Set(args[0]); err != nil {
			return err
		}
		of, err := b.ReturnOf(ctx, []fulfillment.ID{cmd.DeliveryID})
		if err != nil {
			return err
		}
		if of[cmd.DeliveryID] == 0 {
			return &returnError{"packhorse return show RETURN", returns.DeliveryNotFound()}
		}
		r, err := b.Return(ctx, of[cmd.DeliveryID])
		if err != nil {
			return err
		}
		cmd.Tracking, cmd.Label = flags.input()
		return a.sendReturn(ctx, b, r, cmd, who, nil)
	}
	return c
}

// isParcel refuses what is no parcel's ID.
func isParcel(text string) error {
	var id fulfillment.ID
	return partValue(&id, "ReverseDelivery").Set(text)
}
