package delivery

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"packhorse/internal/callback"
	"packhorse/internal/fulfillment"
)

// maxRetriesSaid is what Shopify's questions say of how often they are tried; services read it, and do nothing with it.
const maxRetriesSaid = "3"

// ServiceLine calls fulfillment services. It is safe for concurrent use.
type ServiceLine struct {
	Store        SecretStore
	ShopDomain   string
	GIDNamespace string
	Client       *Client

	secrets secrets
}

// Ping says once that there is something to look at, as the standing has it.
func (l *ServiceLine) Ping(ctx context.Context, to fulfillment.Service, s callback.Standing) Result {
	signer, err := l.signer(ctx, to)
	if err != nil {
		return Result{Err: err}
	}
	target, err := callback.Target(to.CallbackURL, s.Call, "", nil)
	if err != nil {
		return Result{Err: refusal(nil, callback.Malformed)}
	}
	body, now := s.Call.PingBody(), time.Now()
	header := l.header(signer, body)
	message := id("service", to.ID, string(s.Call)+"/"+strconv.FormatInt(s.Number, 10))
	for name, value := range map[string]string{
		"Content-Type":       "application/json",
		"webhook-id":         message,
		"webhook-timestamp":  strconv.FormatInt(now.Unix(), 10),
		"webhook-signature":  signer.standard(message, now, body),
		"Packhorse-Position": strconv.FormatInt(s.Position, 10),
		"Packhorse-Attempt":  strconv.Itoa(s.Attempts + 1),
	} {
		header[name] = []string{value}
	}
	if len(s.About) > 0 {
		header["Packhorse-Fulfillment-Order"] = []string{l.orders(s.About)}
	}
	return l.Client.Send(ctx, target, header, body)
}

// Ask asks a service a question, with parameters before those that each one has. The path ends as the suffix says.
func (l *ServiceLine) Ask(
	ctx context.Context, to fulfillment.Service, call callback.Call, suffix string, parameters callback.Parameters,
) Result {
	signer, err := l.signer(ctx, to)
	if err != nil {
		return Result{Err: err}
	}
	parameters = append(parameters, [2]string{"shop", l.ShopDomain},
		[2]string{"timestamp", strconv.FormatInt(time.Now().Unix(), 10)}, [2]string{"max_retries", maxRetriesSaid})
	target, err := callback.Target(to.CallbackURL, call, suffix, parameters)
	if err != nil {
		return Result{Err: refusal(nil, callback.Malformed)}
	}
	header := l.header(signer, []byte(callback.Query(target)))
	header["Accept"] = []string{"application/json"}
	return l.Client.Get(ctx, target, header)
}

func (l *ServiceLine) signer(ctx context.Context, to fulfillment.Service) (Signer, error) {
	signer, err := l.secrets.signer(ctx, l.Store, to.AppID)
	signer.ShopDomain = l.ShopDomain
	return signer, err
}

// header is what each call has, which is signed over the content: the body, or the query of what has none.
func (*ServiceLine) header(signer Signer, content []byte) http.Header {
	return http.Header{
		"User-Agent":            {UserAgent()},
		"X-Shopify-Hmac-Sha256": {signer.shopify(content)},
		"X-Shopify-Shop-Domain": {signer.ShopDomain},
	}
}

func (l *ServiceLine) orders(ids []fulfillment.ID) string {
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = "gid://" + l.GIDNamespace + "/FulfillmentOrder/" + id.String()
	}
	return strings.Join(names, ", ")
}
