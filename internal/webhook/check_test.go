package webhook

import (
	"fmt"
	"strings"
	"testing"

	"packhorse/internal/callback"
	"packhorse/internal/fulfillment"
)

// told are the refusals as field: message, a line each.
func told(err error) string {
	var lines []string
	for _, refused := range fulfillment.AsRefusals(err) {
		lines = append(lines, strings.Join(refused.Field, ".")+": "+refused.Message)
	}
	return strings.Join(lines, "\n")
}

func valid() Subscription {
	return Subscription{AppID: 17, Topic: "SHOP_UPDATE", URI: "https://example.com/hook"}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	const (
		moved     = Topic("FULFILLMENT_ORDERS_MOVED")
		elsewhere = "Address cannot be a Shopify or an internal domain"
		source    = "arn:aws:events:us-east-1::event-source/aws.partner/shopify.com/"
	)
	public := Rules{ShopDomain: "shop.example"}
	private := Rules{Callbacks: callback.Rules{AllowPrivate: true}, ShopDomain: "shop.example"}
	listed := Rules{Callbacks: callback.Rules{Hosts: []string{"hooks.example.com"}}}
	for _, test := range []struct {
		rules Rules
		topic Topic
		uri   string
		want  []string
	}{
		{public, "", "https://example.com/h?x=1", nil},
		{public, moved, "  https://example.com/h  ", nil},
		{public, moved, "HTTPS://Example.com/h", nil},
		{public, "", "", []string{"Address can't be blank"}},
		{public, "", "   ", []string{"Address can't be blank"}},
		{public, "", "https://", []string{"Address is invalid"}},
		{public, "", "https:///h", []string{"Address is invalid"}},
		{public, "", "example.com/h", []string{"Address is invalid"}},
		{public, "", "https://example.com/\x00", []string{"Address is invalid"}},
		{public, "", "http://example.com/h", []string{"Address protocol http:// is not supported"}},
		{public, "", "ftp://example.com/h", []string{"Address protocol ftp:// is not supported"}},
		{public, "", "ws://example.com/h", []string{"Address protocol ws:// is not supported"}},
		{public, "", "kafka://broker/topic", []string{"Address protocol kafka:// is not supported", "Address is not a valid kafka topic"}},
		{public, "", "https://localhost:3000/h", []string{elsewhere}},
		{public, "", "https://127.0.0.1/h", []string{elsewhere}},
		{public, "", "https://10.1.2.3/h", []string{elsewhere}},
		{public, "", "https://example.myshopify.com/h", []string{elsewhere}},
		{public, "", "https://Example.MyShopify.com./h", []string{elsewhere}},
		{public, "", "https://shop.example/h", []string{elsewhere}},
		{public, "", "https://notmyshopify.com/h", nil},
		{public, "", "https://user:secret@example.com/h", []string{"Address cannot have a user name or a password"}},
		{public, "", "https://example.com/" + strings.Repeat("x", MaxURI-20), nil},
		{public, "", "https://example.com/" + strings.Repeat("x", MaxURI-19), []string{"Address is too big (maximum is 64 KB)"}},
		{private, moved, "http://127.0.0.1:3000/h", nil},
		{private, moved, "http://localhost:3000/h", nil},
		{private, "", "ftp://localhost/h", []string{"Address protocol ftp:// is not supported"}},
		{private, "", "http://shop.example/h", []string{elsewhere}},
		{listed, "", "https://hooks.example.com/h", nil},
		{listed, "", "https://example.com/h", []string{"Address is not on a host that webhooks may go to here"}},
		{listed, "", "https://localhost/h", []string{elsewhere}},

		// What Packhorse can't send to is kept for topics of which there is nothing to send.
		{public, "", "pubsub://valid-project:topic", nil},
		{public, moved, "pubsub://valid-project:topic", []string{"Address protocol pubsub:// is not supported"}},
		{public, "", "pubsub://my-project", []string{
			"Address protocol pubsub:// is not supported",
			"Address is not a valid GCP pub/sub format. Format should be pubsub://project:topic",
		}},
		{public, moved, "pubsub://project:", []string{
			"Address protocol pubsub:// is not supported",
			"Address is not a valid GCP pub/sub format. Format should be pubsub://project:topic",
		}},
		{public, "", "pubsub://-bad:topic", []string{"Address is invalid", "Address is not a valid GCP project id."}},
		{public, "", "pubsub://valid-project:goog-prefixed", []string{"Address is invalid", "Address is not a valid GCP topic id."}},
		{public, "", source + "17/source", nil},
		{public, moved, source + "17/source", []string{"Address is an AWS ARN, which is not supported"}},
		{public, "", source + "17", []string{"Address is invalid", "Address is not a valid AWS ARN"}},
		{public, "", "arn:aws:events:bogus", []string{"Address is invalid", "Address is not a valid AWS ARN"}},
		{public, "", source + "1/source", []string{"Address is invalid", "Address is an AWS ARN and includes api_client_id '1' instead of '17'"}},
	} {
		t.Run(fmt.Sprintf("%.60s", test.uri), func(t *testing.T) {
			t.Parallel()
			sub := valid()
			sub.URI = test.uri
			if test.topic != "" {
				sub.Topic = test.topic
			}
			want := ""
			for i, message := range test.want {
				if i > 0 {
					want += "\n"
				}
				want += "webhookSubscription.callbackUrl: " + message
			}
			if got := told(test.rules.Check(sub.Tidy())); got != want {
				t.Errorf("got %s\nwant %s", got, want)
			}
		})
	}
}

func TestFormatsNamesAndFilters(t *testing.T) {
	t.Parallel()
	const characters = "webhookSubscription.name: Name name field can only contain alphanumeric characters, underscores, and hyphens"
	name := func(text string) func(*Subscription) { return func(s *Subscription) { s.Name = &text } }
	format := func(f Format, topic Topic, uri string) func(*Subscription) {
		return func(s *Subscription) { s.Format, s.Topic, s.URI = f, topic, uri }
	}
	filter := func(text string) func(*Subscription) { return func(s *Subscription) { s.Filter = &text } }
	const uri = "https://example.com/hook"
	for _, test := range []struct {
		change func(*Subscription)
		want   string
	}{
		{name("wh-1_A"), ""},
		{name(strings.Repeat("n", 50)), ""},
		{name(""), "webhookSubscription.name: Name is too short (minimum is 1 character)\n" + characters},
		{name("has spaces"), characters},
		{name("größe"), characters},
		{name(strings.Repeat("n", 51)), "webhookSubscription.name: Name is too long (maximum is 50 characters)"},
		{format(FormatXML, "PRODUCTS_UPDATE", uri), ""},
		{format(FormatXML, "RETURNS_APPROVE", uri), "webhookSubscription.format: Format 'xml' is invalid for this webhook topic. Allowed formats: json"},
		{format(FormatXML, "ORDERS_CREATE", uri), "webhookSubscription.format: Format 'xml' is not supported for this webhook topic. Allowed formats: json"},
		{format(FormatXML, "SHOP_UPDATE", "pubsub://valid-project:topic"), "webhookSubscription.format: Format can only be used with format: 'json'"},
		{filter(""), ""},
		{filter("customer_id:1"), ""},
		{filter("customer_id:1 word"), "webhookSubscription: The specified filter is invalid, please ensure you specify the field(s) you wish to filter on."},
		{filter(strings.Repeat("x", 65536)), "webhookSubscription: The specified filter exceeds the maximum allowed size."},
	} {
		sub := valid()
		test.change(&sub)
		if got := told(Rules{}.Check(sub.Tidy())); got != test.want {
			t.Errorf("%.80v:\ngot %s\nwant %s", sub, got, test.want)
		}
	}
}

// The app's own namespace is spelled out, everything else is kept as it is.
func TestTidySpellsTheOwnNamespaceOut(t *testing.T) {
	t.Parallel()
	sub := valid()
	sub.MetafieldNamespaces = []string{"$app:stock", "$app", "custom"}
	sub.Metafields = []Metafield{{Key: "a"}, {Namespace: "custom", Key: "b"}}
	tidy := sub.Tidy()
	got := fmt.Sprint(tidy.MetafieldNamespaces, tidy.Metafields, tidy.Format, tidy.IncludeFields)
	if want := "[app--17--stock app--17 custom] [{app--17 a} {custom b}]JSON[]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if sub.MetafieldNamespaces[0] != "$app:stock" {
		t.Error("it changed what it was given")
	}
}

func TestPubSubURI(t *testing.T) {
	t.Parallel()
	if uri, err := PubSubURI("valid-project", "topic-1"); err != nil || uri != "pubsub://valid-project:topic-1" {
		t.Errorf("got %s, %v", uri, err)
	}
	_, err := PubSubURI("-bad", "goog-1")
	want := "webhookSubscription.pubSubProject: Google Cloud Pub/Sub project ID is not valid\n" +
		"webhookSubscription.pubSubTopic: Google Cloud Pub/Sub topic ID is not valid"
	if got := told(err); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

// TestListsAreBounded: what a subscription says of fields and metafields is held for as long as there is the
// subscription.
func TestListsAreBounded(t *testing.T) {
	t.Parallel()
	most := strings.Repeat("x", maxList/2)
	for name, test := range map[string]struct {
		change func(s *Subscription, texts []string)
		want   string
	}{
		"fields": {
			func(s *Subscription, texts []string) { s.IncludeFields = texts },
			"webhookSubscription.includeFields: Include fields are too big (maximum is 16 KB together)",
		},
		"namespaces": {
			func(s *Subscription, texts []string) { s.MetafieldNamespaces = texts },
			"webhookSubscription.metafieldNamespaces: Metafield namespaces are too big (maximum is 16 KB together)",
		},
		"metafields": {
			func(s *Subscription, texts []string) {
				for i := range texts {
					s.Metafields = append(s.Metafields, Metafield{Namespace: texts[i][:100], Key: texts[i][100:]})
				}
			},
			"webhookSubscription.metafields: Metafields are too big (maximum is 16 KB together)",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := valid()
			test.change(&s, []string{most, most})
			if err := (Rules{}).Check(s.Tidy()); err != nil {
				t.Errorf("16 KB: %v", err)
			}
			s = valid()
			test.change(&s, []string{most, most + "x"})
			if got := told((Rules{}).Check(s.Tidy())); got != test.want {
				t.Errorf("more: %q, want %q", got, test.want)
			}
		})
	}
}
