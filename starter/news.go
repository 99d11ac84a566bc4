package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"packhorse/internal/fulfillment"
	"packhorse/internal/news"
	"packhorse/internal/postgres"
	"packhorse/internal/provider/catalogue"
)

// newsBook is the part of the book that has what services tell by themselves.
type newsBook interface {
	NewsList(ctx context.Context, f postgres.NewsFilter, page postgres.Page) (postgres.Results[news.Item], error)
	NewsItem(ctx context.Context, id int64) (news.Item, error)
	ReplayNews(ctx context.Context, id int64, about *news.Target) (news.Item, error)
	NewsDeliveries(
		ctx context.Context, f postgres.DeliveryFilter, page postgres.Page,
	) (postgres.Results[news.Delivery], error)
	NewsDelivery(ctx context.Context, id int64) (news.Delivery, error)
	ReplayDelivery(ctx context.Context, id int64) (news.Delivery, error)
}

func (a *app) newNews() *cobra.Command {
	return group("news", "What services tell by themselves", `Systems of fulfillment services send news to POST /providers/{provider}/{service}, or are asked for it. Each piece is
kept before anybody is told that it came, and becomes a command of the service at the fulfillment order that it is
about, once. News of a parcel that nobody knows waits for the shipment that gets its number. Deliveries, and news that
was told or given up, are kept for 30 days.`,
		a.newNewsList(), a.newNewsShow(), a.newNewsReplay(), a.newNewsDeliveries(), a.newNewsDelivery())
}

func (a *app) newNewsList() *cobra.Command {
	var filter postgres.NewsFilter
	var service, fulfillmentOrder string
	c := &cobra.Command{
		Use: "list", Aliases: []string{"ls"}, Short: "List news, the latest first", Args: cobra.NoArgs,
		Long: `Lists news of fulfillment services, the latest first, with what became of it: it is PENDING until it is told and DONE
then, UNMATCHED as long as nobody knows what it is about, REFUSED with a code, IGNORED when nobody knew it for 30 days,
or KEPT when no command tells of it, such as that a request is being packed, or of goods that came back. An alert says
that a person should look at it although it was told.`,
		Example: `  packhorse news list --state UNMATCHED,REFUSED
  packhorse news list --number "1Z 999 AA1 01 2345 6784"
  packhorse news list --fulfillment-order '#1010-1'
  packhorse news list --alert --output json | jq -r '.items[].fulfillmentOrderId'`,
	}
	c.Flags().Var(anyOf(&filter.States, news.States...), "state", "only news in one of these states")
	completeValues(c, "state", news.States...)
	c.Flags().StringVar(&filter.Provider, "provider", "", "only news of this `PROVIDER`")
	c.Flags().StringVar(&service, "service", "", "only news of this `SERVICE`: its ID, name or handle")
	c.Flags().Var(fulfillmentOrderValue(&fulfillmentOrder), "fulfillment-order",
		"only what was told to this fulfillment order: its ID or name")
	c.Flags().StringVar(&filter.Number, "number", "", "only news of the parcel with this tracking `NUMBER`, however it is spelt")
	c.Flags().Var(&value{"DELIVERY", func(text string) (err error) {
		filter.DeliveryID, err = newsID(text)
		return err
	}, nil}, "delivery", "only what this delivery has told")
	c.Flags().BoolVar(&filter.Alert, "alert", false, "only news that a person should look at although it was told")
	page := pagingFlags(c, true)
	completeValues(c, "provider", catalogue.New().IDs()...)
	c.RunE = func(c *cobra.Command, _ []string) error {
		if filter.Provider != "" {
			if _, err := catalogue.New().Find(filter.Provider); err != nil {
				return &usageError{fmt.Errorf("--provider: %w", err)}
			}
		}
		b, err := a.backend.book(c.Context())
		if err != nil {
			return err
		}
		if filter.ServiceID, err = serviceID(c.Context(), b, service); err != nil {
			return err
		}
		if fulfillmentOrder != "" {
			filter.FulfillmentOrderID, err = findFulfillmentOrder(c.Context(), b, fulfillmentOrder, false)
			if err != nil {
				return err
			}
		}
		found, err := collect(page, func(p postgres.Page) (postgres.Results[news.Item], error) {
			return b.NewsList(c.Context(), filter, p)
		})
		if err != nil {
			return err
		}
		if a.json() {
			return writeJSON(a.out, found)
		}
		if err := a.newsTable(found.Items); err != nil {
			return err
		}
		a.tellMore(len(found.Items), "news", found.Next)
		return nil
	}
	return c
}

func (a *app) newsTable(items []news.Item) error {
	t := a.newTable("NEWS", "CAME", "PROVIDER", "ABOUT", "COMMAND", "STATE", "FULFILLMENT ORDER", "ALERT", "WHY")
	for _, n := range items {
		why := n.Reason
		if n.Code != "" {
			why = string(n.Code) + ": " + why
		}
		t.row(
			strconv.FormatInt(n.ID, 10), a.date(n.ReceivedAt), n.Provider, aboutText(n.About), string(n.Verb),
			string(n.State), idText(n.FulfillmentOrderID), string(n.Alert), why,
		)
	}
	return t.flush()
}

// aboutText is what news is about, in the words of the service.
func aboutText(about news.Subject) string {
	var parts []string
	add := func(what, text string) {
		if text != "" {
			parts = append(parts, what+" "+text)
		}
	}
	add("fulfillment order", idText(about.FulfillmentOrderID))
	add("request", about.RequestKey)
	add("reference", about.Reference)
	add("shipment", about.Shipment)
	add("parcel", strings.TrimSpace(about.Carrier+" "+about.TrackingNumber))
	return strings.Join(parts, ", ")
}

func (a *app) newNewsShow() *cobra.Command {
	return &cobra.Command{
		Use: "show ID", Short: "Show a piece of news, and what became of it",
		Args:    oneArgument("news' ID", isNewsID),
		Example: `  packhorse news show 4711`,
		RunE: a.withNews(func(ctx context.Context, b book, id int64) error {
			item, err := b.NewsItem(ctx, id)
			if err != nil {
				return noNews(err, "news", id)
			}
			return a.writeNews(item)
		}),
	}
}

func (a *app) writeNews(n news.Item) error {
	if a.json() {
		return writeJSON(a.out, n)
	}
	fmt.Fprintf(a.out, "News %d\n", n.ID)
	t := a.newTable()
	t.pair("provider", n.Provider)
	t.pair("service", n.ServiceID.String())
	t.pair("key", n.Key)
	came := fmt.Sprintf("%s, %s", a.when(&n.ReceivedAt), strings.ToLower(string(n.Source)))
	if n.DeliveryID != 0 {
		came += fmt.Sprintf(" %d", n.DeliveryID)
	}
	t.pair("came", came)
	t.pair("about", aboutText(n.About))
	if n.Notice() == nil {
		t.pair("command", string(n.Verb)+" "+string(n.Payload))
	}
	t.pair("state", string(n.State))
	t.pair("alert", string(n.Alert))
	t.pair("code", string(n.Code))
	t.pair("why", n.Reason)
	for _, target := range n.Targets {
		text := target.FulfillmentOrderID.String()
		if target.FulfillmentID != 0 {
			text += ", shipment " + target.FulfillmentID.String()
		}
		t.pair("told to", text)
	}
	if n.Attempts > 0 {
		t.pair("attempts", number(n.Attempts))
	}
	t.pair("next attempt", a.when(n.NextAt))
	t.pair("ended", a.when(n.FinishedAt))
	return t.flush()
}

func (a *app) newNewsReplay() *cobra.Command {
	var shipment, fulfillmentOrder string
	var delivery bool
	c := &cobra.Command{
		Use: "replay ID", Short: "Tell a piece of news again, or read a delivery again",
		Long: `Tells a piece of news again, whatever became of it before: after what it was refused by has passed, or when a person
says what it is about. Its command has the ID that it had, so what was done already is not done again.
With --delivery the ID is that of a delivery, which is read again: what it tells and nobody has heard of yet is told.`,
		Args: oneArgument("ID", isNewsID),
		Example: `  packhorse news replay 4711
  packhorse news replay 4711 --fulfillment '#1001-F1'
  packhorse news replay 17 --delivery`,
	}
	c.Flags().Var(shipmentValue(&shipment), "fulfillment", "the shipment that it is about: its ID or name")
	c.Flags().Var(fulfillmentOrderValue(&fulfillmentOrder), "fulfillment-order",
		"the fulfillment order that it is about: its ID or name")
	c.Flags().BoolVar(&delivery, "delivery", false, "the ID is that of a delivery, which is read again")
	c.MarkFlagsMutuallyExclusive("fulfillment", "fulfillment-order", "delivery")
	c.RunE = a.withNews(func(ctx context.Context, b book, id int64) error {
		if delivery {
			d, err := b.ReplayDelivery(ctx, id)
			if err != nil {
				return noNews(err, "delivery", id)
			}
			return a.writeDelivery(d)
		}
		about, err := newsTarget(ctx, b, shipment, fulfillmentOrder)
		if err != nil {
			return err
		}
		item, err := b.ReplayNews(ctx, id, about)
		if err != nil {
			return noNews(err, "news", id)
		}
		return a.writeNews(item)
	})
	return c
}

// newsTarget is what a person says that news is about; nil: nothing is said.
func newsTarget(ctx context.Context, b book, shipment, fulfillmentOrder string) (*news.Target, error) {
	switch {
	case shipment != "":
		fo, f, err := findFulfillment(ctx, b, shipment)
		if err != nil {
			return nil, err
		}
		return &news.Target{FulfillmentOrderID: fo.ID, FulfillmentID: f.ID}, nil
	case fulfillmentOrder != "":
		id, err := findFulfillmentOrder(ctx, b, fulfillmentOrder, false)
		if err != nil {
			return nil, err
		}
		if _, err := loadFulfillmentOrder(ctx, b, id); err != nil {
			return nil, err
		}
		return &news.Target{FulfillmentOrderID: id}, nil
	}
	return nil, nil
}

// fulfillmentOrderValue reads what a fulfillment order is named by.
func fulfillmentOrderValue(into *string) *value {
	return &value{"FULFILLMENT-ORDER", func(text string) error {
		*into = text
		return isFulfillmentOrderName(text)
	}, nil}
}

// shipmentValue reads what a shipment is named by.
func shipmentValue(into *string) *value {
	return &value{"FULFILLMENT", func(text string) error {
		if text == "" {
			return errors.New("it is empty")
		}
		*into = text
		return nil
	}, nil}
}

func (a *app) newNewsDeliveries() *cobra.Command {
	var filter postgres.DeliveryFilter
	var service string
	c := &cobra.Command{
		Use: "deliveries", Short: "List what came from the systems of services, the latest first", Args: cobra.NoArgs,
		Long: `Lists deliveries of the systems of fulfillment services, the latest first. They are PENDING until they are read, DONE
then, or REFUSED when they can't be. What they told: packhorse news list --delivery ID.`,
		Example: `  packhorse news deliveries --state REFUSED
  packhorse news deliveries --service parcels`,
	}
	c.Flags().Var(anyOf(&filter.States, news.DeliveryStates...), "state", "only those in one of these states")
	completeValues(c, "state", news.DeliveryStates...)
	c.Flags().StringVar(&service, "service", "", "only those of this `SERVICE`: its ID, name or handle")
	page := pagingFlags(c, true)
	c.RunE = func(c *cobra.Command, _ []string) error {
		b, err := a.backend.book(c.Context())
		if err != nil {
			return err
		}
		if filter.ServiceID, err = serviceID(c.Context(), b, service); err != nil {
			return err
		}
		found, err := collect(page, func(p postgres.Page) (postgres.Results[news.Delivery], error) {
			return b.NewsDeliveries(c.Context(), filter, p)
		})
		if err != nil {
			return err
		}
		if a.json() {
			return writeJSON(a.out, found)
		}
		t := a.newTable("DELIVERY", "CAME", "PROVIDER", "SERVICE", "BYTES", "TIMES", "STATE", "WHY")
		for _, d := range found.Items {
			t.row(strconv.FormatInt(d.ID, 10), a.date(d.ReceivedAt), d.Provider, d.ServiceID.String(), number(d.Bytes),
				number(d.Times), string(d.State), d.Reason)
		}
		if err := t.flush(); err != nil {
			return err
		}
		a.tellMore(len(found.Items), "deliveries", found.Next)
		return nil
	}
	return c
}

func (a *app) newNewsDelivery() *cobra.Command {
	var body string
	c := &cobra.Command{
		Use: "delivery ID", Short: "Show what came from the system of a service",
		Long: `Shows a delivery. Its body may have people's data in it: it is shown to nobody, and written into a file of your own
with --body.`,
		Args:    oneArgument("delivery's ID", isNewsID),
		Example: `  packhorse news delivery 17 --body delivery-17.json`,
	}
	c.Flags().StringVar(&body, "body", "", "`FILE` that the body is written to, as it came; it must not exist yet")
	c.RunE = a.withNews(func(ctx context.Context, b book, id int64) error {
		d, err := b.NewsDelivery(ctx, id)
		if err != nil {
			return noNews(err, "delivery", id)
		}
		if body != "" {
			if err := writeNew(body, d.Body); err != nil {
				return err
			}
		}
		return a.writeDelivery(d)
	})
	return c
}

// writeNew makes a file that only its owner reads.
func writeNew(path string, content []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("write the body: %w", err)
	}
	_, err = file.Write(content)
	return errors.Join(err, file.Close())
}

func (a *app) writeDelivery(d news.Delivery) error {
	if a.json() {
		return writeJSON(a.out, d)
	}
	fmt.Fprintf(a.out, "Delivery %d\n", d.ID)
	t := a.newTable()
	t.pair("provider", d.Provider)
	t.pair("service", d.ServiceID.String())
	t.pair("key", d.Key)
	t.pair("request", d.Method+" "+d.Path)
	names := make([]string, 0, len(d.Header))
	for name := range d.Header {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		t.pair(http.CanonicalHeaderKey(name), strings.Join(d.Header[name], ", "))
	}
	t.pair("body", count(d.Bytes, "byte"))
	t.pair("came", fmt.Sprintf("%s, %s", a.when(&d.ReceivedAt), count(d.Times, "time")))
	t.pair("state", string(d.State))
	t.pair("why", d.Reason)
	return t.flush()
}

// withNews does something with the news or delivery whose ID is the argument.
func (a *app) withNews(do func(context.Context, book, int64) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		id, err := newsID(args[0])
		if err != nil {
			return err
		}
		b, err := a.backend.book(c.Context())
		if err != nil {
			return err
		}
		return do(asOperator(c.Context()), b, id)
	}
}

// noNews refuses an ID that none has.
func noNews(err error, what string, id int64) error {
	if !errors.Is(err, fulfillment.ErrNotFound) {
		return err
	}
	see := map[string]string{"news": "packhorse news list", "delivery": "packhorse news deliveries"}[what]
	return &fulfillment.Error{
		Code:    fulfillment.CodeInvalid,
		Message: fmt.Sprintf("There is no %s %d, or not any more; see %s.", what, id, see),
	}
}

func isNewsID(text string) error {
	_, err := newsID(text)
	return err
}

func newsID(text string) (int64, error) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id < 1 {
		return 0, errors.New("it is a whole number from 1")
	}
	return id, nil
}
